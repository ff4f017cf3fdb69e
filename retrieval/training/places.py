"""Build retrieval/places.json from Babel's CLDR and the tables below: python -m retrieval.training.places.

Entries are parted by "|". A demonym entry is `code English;Italian;Swedish;German;French;Spanish`, each a
list of base forms that `_inflect` completes; "-er" or "-ar" after a Swedish noun is its plural, "+" the
English name with -n, and an empty field follows from the Swedish or the Italian.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from retrieval.places import name_key

_LANGUAGES = ("en", "it", "sv", "de", "fr", "es", "nl", "da", "nb", "fi", "pl", "pt")

_SECTIONS = ("adjectives", "common", "names", "people")

_VARIANTS = """
US U.S.,U.S.A.,US,United States of America,America,Stati Uniti d'America,Förenta staterna,Etats Unis
d'Amérique,Estados Unidos de América,EEUU,EE.UU.,EUA,Vereinigte Staaten von Amerika,Amerika,Ameryka,Amerique,
Yhdysvaltain,Forente stater|GB UK,U.K.,Britain,Great Britain,Gran Bretagna,Großbritannien,Grande Bretagne,
Gran Bretaña,Groot Brittannië,Grã Bretanha,Britannia|NL Holland,Olanda,Hollande,Holanda|CZ Czech Republic,
Repubblica Ceca,République tchèque,República Checa,Tschechische Republik,Tjeckiska republiken|CI Ivory Coast,
Elfenbeinküste,Costa de Marfil,Wybrzeże Kości Słoniowej|TR Turkey|CD DR Congo,D.R. Congo,DRC,RDC,Democratic
Republic of the Congo,Democratic Republic of Congo,Repubblica Democratica del Congo,Demokratiska republiken
Kongo,Demokratische Republik Kongo,République démocratique du Congo,Zaire|CG Republic of the Congo,Republic
of Congo,Repubblica del Congo|CD+CG Congo,Kongo,Kongossa|KP+KR Korea,Corea,Corée,Coreia,Korean Peninsula,
Koreas|KP N Korea,DPRK,D.P.R.K.,Democratic People's Republic of Korea|KR S Korea,Republic of Korea,Repubblica
di Corea|PS Palestine,Palestina,Palästina,Palestinian Authority,Palestiina|PS/gaza Gaza,Gaza Strip,Striscia
di Gaza,Gazaremsan,Gazastreifen,Bande de Gaza,Franja de Gaza,Gaza City|PS/west-bank West Bank,Cisgiordania,
Västbanken,Westjordanland,Cisjordanie,Cisjordania,Ribera Occidental|VA Vatican,Vaticano,Vatikanen,Vatikan,
Santa Sede,Holy See,Vaticaan|HK Hong Kong,Hongkong|MO Macau,Macao|TL East Timor|SZ Swaziland|BY Vitryssland,
Weißrussland,Hviderusland,Hviterussland,Belorussia,Byelorussia,Bielorusia,Wit Rusland|MK Macedonia,
Makedonien,Mazedonien,Macédoine|AE UAE,U.A.E.,EAU,Emirati Arabi|BA Bosnia,Bosnien,Bosnie,Bosnia and
Herzegovina|MD Moldau|CN PRC,People's Republic of China,Repubblica Popolare Cinese,Volksrepublik China|RU
Russian Federation,Federazione Russa,Russische Föderation|IE Republic of Ireland,Eire|KN Saint Kitts and
Nevis,St. Kitts and Nevis|ST Sao Tome and Principe,Sao Tomé|TT Trinidad,Trinidad and Tobago|AG Antigua|MU Ile
Maurice,Isla Mauricio|LK Ceylon|IR Persia,Islamic Republic of Iran|FK Malvinas,Falkland,Falklands|JO
Hashemite Kingdom of Jordan|EU EU,E.U.,UE|EZ zona euro,euro zone,euro area|IN Bharat|middle-east Middle East,
Mideast,Medio Oriente,Mellanöstern,Naher Osten,Nahen Osten,Proche Orient,Moyen Orient,Oriente Medio,Oriente
Próximo,Midden Oosten,Mellemøsten,Midtøsten,Lähi itä,Bliski Wschód|SS Sud Soudan|005 Sud America,América del
Sur,America meridionale|003 Nordamerica|011 West Africa|014 East Africa|015 North Africa,Nord Africa|030 East
Asia|034 South Asia|035 South East Asia,Sudest asiatico|151 Europa dell'Est,Est Europa|029 West Indies|DE
Federal Republic of Germany|GB/england England,Inghilterra,Angleterre,Inglaterra,Engeland,Englanti|
GB/scotland Scotland,Scozia,Skottland,Schottland,Écosse,Escocia,Schotland,Skotland,Skotlanti,Szkocja|GB/wales
Wales,Galles,Pays de Galles,Gales,Walia|GB/northern-ireland Northern Ireland,Irlanda del Nord,Nordirland,
Irlande du Nord,Irlanda del Norte,Noord Ierland|UA/crimea Crimea,Krim,Crimée,Krym|UA/donbas Donbas,Donbass|
RU/chechnya Chechnya,Cecenia,Tjetjenien,Tschetschenien,Tchétchénie,Chechenia|CN/tibet Tibet|CN/xinjiang
Xinjiang|IQ/kurdistan Iraqi Kurdistan|ES/catalonia Catalonia,Catalogna,Katalonien,Catalogne,Cataluña,
Catalunya|DE/bavaria Bavaria,Bayern,Baviera,Bavière|IT/sicily Sicily,Sicilia,Sicilien,Sizilien,Sicile|
IT/sardinia Sardinia,Sardegna,Sardinien,Sardaigne,Cerdeña|IT/lombardy Lombardy,Lombardia,Lombardiet,
Lombardei,Lombardie|FR/corsica Corsica,Korsika,Corse,Córcega|CA/quebec Quebec|AU/new-south-wales New South
Wales|GE/south-ossetia South Ossetia,Ossezia del Sud,Sydossetien,Südossetien|GE/abkhazia Abkhazia,Abcasia,
Abchazien,Abchasien
"""

_DEMONYMS = """
AL +;albanese;albansk,alban-er;albanisch,Albaner;albanais;albanés|AD +;andorrano;andorransk|AT +;austriaco;
österrikisk,österrikare;österreichisch,Österreicher;autrichien|BY Belarusian,Belarussian,Byelorussian;
bielorusso;belarusisk,vitrysk,belarusier;belarussisch;biélorusse;bielorruso|BE Belgian;belga;belgisk,belgare,
belgier;belgisch,Belgier;belge|HR +,Croat;croato,croata;kroatisk,kroat-er;kroatisch,Kroate;croate|BA Bosnian;
bosniaco;bosnisk,bosnier|CY Cypriot;cipriota;cypriotisk,cypriot-er|BG +;bulgaro;bulgarisk,bulgar-er;
bulgarisch,Bulgare;bulgare|FO Faroese;faroese,faroense;färöisk|CZ Czech;ceco;tjeckisk,tjeck-er;tschechisch,
Tscheche;tchèque;checo|GL Greenlandic,Greenlander;groenlandese;grönländsk,grönländare|DK Danish,Dane;danese;
dansk,dansk-ar;dänisch,Däne;danois;danés|EE +;estone;estnisk,estländsk,estländare;;estonien;estonio|FI
Finnish,Finn;finlandese,finnico;finländsk,finsk,finländare;finnisch,Finne;finlandais;finlandés|FR French,
Frenchman;francese;fransk,fransman,fransyska;französisch,Franzose;français;francés|DE German;tedesco;tysk,
tysk-ar;deutsch,Deutsche;allemand;alemán|GR Greek;greco;grekisk,grek-er;griechisch,Grieche;grec,grecque;
griego|HU Hungarian;ungherese;ungersk,ungrare;ungarisch,Ungar;hongrois;húngaro|IS Icelandic,Icelander;
islandese;isländsk,islänning-ar;isländisch|IE Irish,Irishman;irlandese;irländsk,irländare;irisch;irlandais;
irlandés|IT Italian;italiano;italiensk,italienare;italienisch,Italiener;italien|XK Kosovar,Kosovan;kosovaro;
kosovansk,kosovar-er|LV +;lettone;lettisk,lettländsk,lettländare;lettisch,Lette;letton;letón|LT +;lituano;
litauisk,litauer;litauisch,Litauer;lituanien|LU Luxembourger,Luxembourgish;lussemburghese;luxemburgsk,
luxemburgare|MT Maltese;maltese;maltesisk|MK Macedonian;macedone;makedonsk,nordmakedonsk;mazedonisch|MD +;
moldavo;moldavisk,moldav-er|MC Monegasque;monegasco;monegaskisk|ME Montenegrin;montenegrino;montenegrinsk|NL
Dutch,Dutchman;olandese,neerlandese;nederländsk,holländsk,nederländare,holländare;niederländisch,
Niederländer;néerlandais;neerlandés,holandés|NO Norwegian;norvegese;norsk,norrman;norwegisch,Norweger;
norvégien;noruego|PL Polish,Pole;polacco;polsk,polack-er;polnisch;polonais;polaco|PT Portuguese;portoghese;
portugisisk,portugis-er;portugiesisch,Portugiese;portugais;portugués|RO +;rumeno,romeno;rumänsk,rumän-er;
rumänisch,Rumäne;roumain;rumano|RU +;russo;rysk,ryss-ar;russisch,Russe;russe;ruso|RS +,Serb;serbo;serbisk,
serb-er;serbisch,Serbe;serbe;serbio|SK Slovak,Slovakian;slovacco;slovakisk,slovak-er;slowakisch,Slowake;
slovaque;eslovaco|SI +,Slovene;sloveno;slovensk,sloven-er;slowenisch,Slowene;slovène;esloveno|ES Spanish,
Spaniard;spagnolo;spansk,spanjor-er;spanisch,Spanier;espagnol;español|SE Swedish,Swede;svedese;svensk,
svensk-ar;schwedisch,Schwede;suédois;sueco|CH Swiss;svizzero,elvetico;schweizisk,schweizare;schweizerisch,
schweizer;suisse;suizo|UA Ukrainian;ucraino;ukrainsk,ukrainare;ukrainisch,Ukrainer;ukrainien;ucraniano|GB
British,Briton,Brit,Britisher;britannico;brittisk,britt-er;britisch,Brite;britannique;británico|GB/england
English,Englishman;inglese;engelsk,engelsman;englisch,Engländer;anglais;inglés|GB/scotland Scottish,Scot;
scozzese;skotsk;schottisch,Schotte;écossais;escocés|GB/wales Welsh,Welshman;gallese;walesisk,walesare;
walisisch|VA Vatican;;vatikansk|TR Turkish,Turk;turco;turkisk,turk-ar;türkisch,Türke;turc,turque|GE +;
georgiano;georgisk,georgier|AM +;armeno;armenisk,armenier|AZ Azerbaijani,Azeri;azero,azerbaigiano;
azerbajdzjansk,azerisk|AF Afghan,Afghani;afghano,afgano;afghansk,afghan-er;afghanisch,Afghane;afghan;afgano|
DZ +;algerino;algerisk,algerier|AO +;angolano;angolansk|AR Argentine,Argentinian,Argentinean;argentino;
argentinsk,argentinare;argentinisch|AU +,Aussie;australiano;australisk,australiensisk,australier;australisch,
Australier;australien|BS Bahamian;bahamense;bahamansk|BH Bahraini;bahreinita;bahrainsk|BD Bangladeshi;
bangladese,bengalese;bangladeshisk;bangladeschisch|BB Barbadian;barbadiano;barbadisk|BJ Beninese;beninese;
beninsk|BT Bhutanese;bhutanese,butanese;bhutanesisk|BO +;boliviano;boliviansk|BW +,Batswana;botswano;
botswansk|BR Brazilian;brasiliano;brasiliansk,brasilianare;brasilianisch,Brasilianer;brésilien;brasileño|BN
Bruneian;bruneiano;bruneisk|BF Burkinabe;burkinabé;burkinsk|BI Burundian;burundese;burundisk|KH +;cambogiano;
kambodjansk|CM Cameroonian;camerunese;kamerunsk|CA Canadian;canadese;kanadensisk,kanadensare;kanadisch,
Kanadier;canadien;canadiense|CV Cape Verdean;capoverdiano;kapverdisk|CF Central African;centrafricano;
centralafrikansk;zentralafrikanisch|TD Chadian;ciadiano;tchadisk|CL Chilean;cileno;chilensk,chilenare;
chilenisch|CN Chinese;cinese;kinesisk,kines-er;chinesisch,Chinese;chinois;chino|CO +;colombiano;colombiansk;
kolumbianisch|KM Comorian,Comoran;comoriano;komorisk|CD+CG Congolese;congolese;kongolesisk,kongoles-er|CR +;
costaricano,costaricense;costaricansk|CI Ivorian;ivoriano;ivoriansk|CU +;cubano;kubansk,kuban-er;kubanisch,
Kubaner;cubain|DJ Djiboutian;gibutiano;djiboutisk|DO Dominican;dominicano;dominikansk|EC Ecuadorian,
Ecuadorean;ecuadoriano,ecuadoregno;ecuadoriansk|EG Egyptian;egiziano;egyptisk,egyptier,egypt-er;ägyptisch,
Ägypter;égyptien;egipcio|SV Salvadoran,Salvadorean;salvadoregno;salvadoransk|GQ +,Equatoguinean;
equatoguineano|ER +;eritreo;eritreansk|SZ Swazi;swazi|ET +;etiope;etiopisk,etiopier;äthiopisch|FJ Fijian;
figiano;fijiansk|GA Gabonese;gabonese;gabonsk|GM +;gambiano;gambisk|GH Ghanaian;ghanese,ganese;ghanansk|GT +;
guatemalteco;guatemalansk|GN +;guineano;guineansk|GW Bissau Guinean;guineense|GY Guyanese;guyanese;guyansk|HT
Haitian;haitiano;haitisk,haitier|HN Honduran;honduregno;honduransk|HK Hong Konger,Hongkonger;hongkonghese|IN
+;indiano;indisk,indier;indisch,Inder;indien|ID +;indonesiano;indonesisk,indonesier|IR Iranian;iraniano;
iransk,iranier;iranisch,Iraner;iranien;iraní|IQ Iraqi;iracheno;irakisk,irakier;irakisch,Iraker;irakien;
iraquí|IL Israeli;israeliano;israelisk,israel-er;;israélien;israelí|JM +;giamaicano;jamaicansk|JP Japanese;
giapponese,nipponico;japansk,japan-er;japanisch,Japaner;japonais;japonés|JO Jordanian;giordano;jordansk,
jordanier;jordanisch|KZ Kazakh,Kazakhstani;kazako,kazaco;kazakisk,kazakstansk|KE +;keniano,keniota;kenyansk;
kenianisch,Kenianer;kényan;keniano|KP +;nordcoreano,nord coreano;nordkoreansk,nordkorean-er;nordkoreanisch,
Nordkoreaner;nord coréen;norcoreano|KR +;sudcoreano,sud coreano;sydkoreansk,sydkorean-er;südkoreanisch,
Südkoreaner;sud coréen;surcoreano|KP+KR Korean;coreano;koreansk,korean-er;koreanisch,Koreaner;coréen|KW
Kuwaiti;kuwaitiano;kuwaitisk|KG Kyrgyz,Kirghiz;kirghiso;kirgizisk|LA Laotian;laotiano;laotisk|LB Lebanese;
libanese;libanesisk,libanes-er;libanesisch,Libanese;libanais;libanés|LS Basotho;lesothiano|LR +;liberiano;
liberiansk|LY +;libico;libysk,libyer;libysch,Libyer;libyen;libio|MG Malagasy,Madagascan;malgascio;
madagaskisk|MW Malawian;malawiano;malawisk|MY +;malese,malaysiano;malaysisk,malaysier|MV Maldivian;
maldiviano;maldivisk|ML Malian;maliano;malisk,malier|MR +;mauritano;mauretansk|MU Mauritian;mauriziano;
mauritisk|MX Mexican;messicano;mexikansk,mexikan-er;mexikanisch,Mexikaner;mexicain;mexicano|FM +;
micronesiano;mikronesisk|MN +,Mongol;mongolo;mongolisk,mongol-er|MA Moroccan;marocchino;marockansk,
marockan-er;marokkanisch|MZ Mozambican;mozambicano;moçambikisk|MM Burmese;birmano;burmesisk|NA +;namibiano;
namibisk|NP Nepalese,Nepali;nepalese;nepalesisk|NZ New Zealander;neozelandese;nyzeeländsk,nyzeeländare;
neuseeländisch|NI +;nicaraguense;nicaraguansk|NE Nigerien;nigerino;nigerisk|NG +;nigeriano;nigeriansk;
nigerianisch,Nigerianer;nigérian|OM Omani;omanita;omansk|PK Pakistani;pakistano,pachistano;pakistansk;
pakistanisch,Pakistaner;pakistanais;pakistaní|PS Palestinian;palestinese;palestinsk,palestinier;
palästinensisch,Palästinenser;palestinien;palestino|PA Panamanian;panamense;panamansk|PG Papuan;papuano;
papuansk|PY Paraguayan;paraguaiano;paraguayansk|PE Peruvian;peruviano;peruansk;peruanisch|PH Filipino,
Filipina,Philippine;filippino;filippinsk;philippinisch|PR Puerto Rican;portoricano;puertoricansk|QA Qatari;
qatariota,qatarino,qatariano;qatarisk;katarisch|RW +;ruandese;rwandisk|WS +;samoano;samoansk|SA Saudi,Saudi
Arabian;saudita;saudisk,saudiarabisk;saudisch,saudiarabisch;saoudien;saudí|SN Senegalese;senegalese;
senegalesisk|SC Seychellois;seicellese|SL Sierra Leonean;sierraleonese;sierraleonsk|SG Singaporean;
singaporiano;singaporiansk;singapurisch|SO Somali,Somalian;somalo;somalisk,somalier|ZA +;sudafricano,sud
africano;sydafrikansk,sydafrikan-er;südafrikanisch,Südafrikaner;sud africain;sudafricano|SS South Sudanese;
sudsudanese,sud sudanese;sydsudanesisk|LK +;singalese,srilankese;lankesisk,srilankesisk|SD Sudanese;sudanese;
sudanesisk,sudanes-er|SR Surinamese;surinamese;surinamsk|SY +;siriano;syrisk,syrier;syrisch,Syrer;syrien;
sirio|TW Taiwanese;taiwanese;taiwanesisk;taiwanisch|TJ Tajik;tagiko,tagico;tadzjikisk|TZ +;tanzaniano;
tanzanisk|TH Thai;thailandese,tailandese;thailändsk,thailändare;thailändisch,Thailänder;thaïlandais;
tailandés|TL Timorese;timorese;östtimoresisk|TG Togolese;togolese;togolesisk|TO +;tongano;tongansk|TT
Trinidadian;trinidadiano|TN +;tunisino;tunisisk,tunisier;tunesisch|TM Turkmen;turkmeno;turkmenisk|UG +;
ugandese;ugandisk|AE Emirati;emiratino;emiratisk|US American,African American,Native American,Indian
American;statunitense,americano,afroamericano;amerikansk,amerikan-er;amerikanisch,US amerikanisch,Amerikaner;
américain,états unien;estadounidense,americano|UY Uruguayan;uruguaiano,uruguayano;uruguaysk|UZ Uzbek,
Uzbekistani;uzbeko,uzbeco;uzbekisk|VE +;venezuelano;venezuelansk;venezolanisch,Venezolaner;vénézuélien;
venezolano|VN Vietnamese;vietnamita;vietnamesisk,vietnames-er|YE Yemeni,Yemenite;yemenita;jemenitisk|ZM +;
zambiano;zambisk|ZW Zimbabwean;zimbabwese,zimbabwiano;zimbabwisk;simbabwisch|150 European;europeo;europeisk,
européisk,européer;europäisch,Europäer;européen|002 +;africano;afrikansk,afrikan-er;afrikanisch;africain|142
+;asiatico;asiatisk;asiatisch,Asiate;asiatique|419 +;latinoamericano,latino americano;latinamerikansk;
lateinamerikanisch|005 +;sudamericano;sydamerikansk;südamerikanisch|003 +;nordamericano;nordamerikansk;
nordamerikanisch|013 +;centroamericano;centralamerikansk|015 North African;nordafricano;nordafrikansk|011
West African;;västafrikansk|014 East African;;östafrikansk|030 East Asian;;östasiatisk|035 +,South East
Asian;;sydostasiatisk|034 South Asian;;sydasiatisk|143 +;;centralasiatisk|029 Caribbean;caraibico;karibisk|
151 Eastern European,East European;;östeuropeisk;osteuropäisch|155 Western European,West European;;
västeuropeisk;westeuropäisch|154 Northern European;;nordeuropeisk|039 Southern European;;sydeuropeisk|
middle-east Middle Eastern;mediorientale
"""

# What CLDR's time zones lack: either one city, whose code is a name too, or several of a country.
_CITIES = """
CN/beijing Pechino,Peking,Pékin,Pequim|CN/shanghai Sciangai,Xangai,Szanghaj|CN/guangzhou Canton,Kanton|
US/california Kalifornien,Californie,Kalifornia|CN/inner-mongolia Mongolia Interna|US/washington Washington
DC,Washington D.C.,Waszyngton|AU/canberra Camberra|CH/bern Berna,Berne|CH/geneva Ginevra,Genève,Genf,Ginebra,
Genewa,Genebra|CH/zurich Zurigo|IN/new-delhi Delhi,Nuova Delhi,Neu Delhi,Nueva Delhi,Nova Deli,Nya Delhi|
IN/mumbai Bombay,Bombaj|TR/ankara Ancara|ZA/cape-town Città del Capo,Kapstaden,Kapstadt,Le Cap,Ciudad del
Cabo,Kaapstad|MA/marrakesh Marrakech|NL/the-hague L'Aia,Aia,Haag,Den Haag,La Haye,La Haya,Haga|IT/milan
Milano,Mailand,Milaan,Mediolan|IT/naples Napoli,Neapel,Nápoles|IT/turin Torino|IT/venice Venezia,Venedig,
Venise,Venecia|IT/florence Firenze,Florens,Florenz,Florencia|IT/genoa Genova,Gênes|DE/munich Monaco di
Baviera,München,Monachium,Munique|DE/hamburg Amburgo,Hambourg,Hamburgo|DE/frankfurt Francoforte,Francfort,
Frankfurt am Main|DE/cologne Colonia,Köln,Keulen|DE/dresden Dresda|DE/leipzig Lipsia|ES/barcelona Barcellona|
ES/seville Siviglia,Sevilla|FR/lyon Lione|FR/marseille Marsiglia,Marsella|FR/nice Nizza|FR/toulouse Tolosa|
FR/strasbourg Strasburgo,Straßburg,Estrasburgo|BE/antwerp Anversa,Antwerpen,Anvers,Amberes|BE/bruges Brugge|
GB/edinburgh Edimburgo,Édimbourg|SE/gothenburg Göteborg,Gotemburgo|DK/aarhus Århus|FI/tampere Tammerfors|
FI/turku Åbo|PL/krakow Cracovia,Krakau,Cracow,Cracovie|PL/gdansk Danzica,Danzig|PL/wroclaw Breslavia,Wrocław,
Breslau|PT/porto Oporto|GR/thessaloniki Salonicco,Saloniki,Salonique,Salónica|RU/saint-petersburg St.
Petersburg,San Pietroburgo,Sankt Petersburg,Saint Pétersbourg,San Petersburgo,Sint Petersburg,Skt.
Petersborg,Pietari,São Petersburgo,Leningrad|RU/sochi Sotji,Sotschi,Sotchi|UA/kharkiv Kharkov,Charkiv,
Charkov,Charkiw|UA/kyiv Kiev,Kiew,Kijów,Kiova,Kijev|MM/yangon Rangoon,Rangun|ER/asmara Asmera|NP/kathmandu
Katmandu|UA/odesa Odessa|UA/lviv Leopoli,Lwów,Lemberg,Lvov|UA/zaporizhzhia Zaporizhia,Zaporižžja,Zaporozhye,
Zaporizjzja|UA/kherson Cherson|UA/chernobyl Tjernobyl,Cernobyl,Tschernobyl,Chornobyl|UA/sevastopol
Sebastopoli|XK/pristina Prishtina,Pristhina,Prishtinë|AT/salzburg Salisburgo,Salzbourg|KR/busan Pusan|
VN/hanoi Hà Nội|MM/naypyidaw Nay Pyi Taw|KZ/astana Nur Sultan|IL/jerusalem Gerusalemme,Jerusalén,Jeruzalem,
Jerozolima|PS/khan-younis Khan Yunis,Khan Yunus|SY/aleppo Alep,Alepo|IQ/mosul Mossul|IQ/basra Bassora|
IR/isfahan Esfahan|SA/jeddah Gedda,Djeddah|SA/mecca La Mecca,Mekka,La Mecque,La Meca|AE/dubai Dubaj|YE/sanaa
Sana'a,Sana|EG/alexandria Alessandria d'Egitto,Alexandrie|LY/benghazi Bengasi,Bengazi|US/philadelphia
Filadelfia,Philadelphie|US/new-york Nueva York,Nova York,Nowy Jork,Nova Iorque|MT/valletta La Valletta|
CU/havana Avana|EG/cairo Caire|IT/tuscany Toscana,Toskana,Toscane|US/new-orleans Nueva Orleans|CN wuhan|TW
taipei|CA ottawa,montreal,calgary|BR brasilia,rio-de-janeiro|PK islamabad,lahore|ZA pretoria|NG abuja|MA
rabat|NL rotterdam|IT bologna,palermo,trieste,bergamo,verona,bari,cagliari|DE dusseldorf,stuttgart,dortmund|
ES valencia|FR bordeaux|GB manchester,liverpool,birmingham,glasgow,belfast,bristol,cambridge,leeds,cardiff,
sheffield|SE malmo,uppsala,orebro,umea,linkoping|NO bergen,trondheim|RU grozny,kursk,belgorod|UA donetsk,
mariupol,dnipro,bakhmut|LV daugavpils|EE tartu|BA srebrenica|JP osaka,kyoto,hiroshima,nagasaki,fukushima,
sendai|ID bali|PH davao|IL tel-aviv|PS ramallah,rafah|SY homs,idlib|AF kandahar|AE abu-dhabi|EG
sharm-el-sheikh|CD goma|CU guantanamo|EC quito|NZ wellington,christchurch|CI yamoussoukro|US san-francisco,
boston,houston,dallas,atlanta,miami,seattle,las-vegas,san-diego,new-orleans,baltimore,minneapolis,
kansas-city,pittsburgh,cleveland,memphis,milwaukee|KW kuwait-city|QA doha|BH manama|GT guatemala-city|PA
panama-city|SV san-salvador|MW lilongwe|CM yaounde|JM kingston|AR buenos-aires|US alabama,alaska,arizona,
arkansas,california,colorado,connecticut,delaware,florida,hawaii,idaho,illinois,indiana,iowa,kansas,kentucky,
louisiana,maryland,massachusetts,michigan,minnesota,mississippi,missouri,montana,nebraska,nevada,
new-hampshire,new-jersey,new-mexico,north-carolina,south-carolina,north-dakota,south-dakota,ohio,oklahoma,
oregon,pennsylvania,rhode-island,tennessee,texas,utah,vermont,virginia,west-virginia,wisconsin,wyoming,
new-england
"""

# Of the countries with several time zones, the cities of note.
_ZONES = """
Adelaide Brisbane Melbourne Perth Sydney Fortaleza Manaus Recife Sao_Paulo Edmonton Toronto Vancouver Winnipeg
Kinshasa Lubumbashi Santiago Shanghai Urumqi Nicosia Berlin Ceuta Madrid Guayaquil Hebron Nuuk Jakarta Almaty
Ulaanbaatar Cancun Mexico_City Monterrey Tijuana Kuala_Lumpur Auckland Lisbon Irkutsk Kaliningrad Moscow Omsk
Novosibirsk Volgograd Vladivostok Kyiv Chicago Denver Detroit Honolulu Los_Angeles New_York Samarkand Tashkent
"""

# Ordinary words, first names or peoples more often than places.
_DENIED = """
indie maurice mauricio dominique dominika grenade granada reunion reuniao riunione male man kos rom malin
letter este ester est afrikaner finner fines chinos gales praia sana indio christmas stanley norfolk wallis
cayenne mahe navidad natale noel jul ama ceci cece asiat
"""

# For each demonym column, the endings that turn into others; the first that fits holds.
_ENDINGS = (
    (("man$", "man men woman women"), ("(?<=[si]s[eh])$|(?<=ese)$|(?<=h|s)$", " "), ("$", " s")),
    (("(?<=[cg])o$", "o a i e hi he"), ("[oa]$", "o a i e"), ("e$", "e i"), ("$", " ")),
    (
        ("are$", "are aren arna"),
        ("(?<=m)an$", "an annen än"),
        ("(?<=sk)$", " a t e as"),
        ("-([ea])r$", r" en n \1r \1rna"),
        ("$", " n na"),
    ),
    (("(?<=sch)$", " e er en es em"), ("e$", "e en in innen"), ("$", " n s in innen")),
    (("(?<=[eo])n$", "n ns nne nnes"), ("(?<=e)$", " s"), ("(?<=s)$", " e es"), ("$", " s e es")),
    (("[oa]$", "o a os as"), ("e$", "e es"), ("$", " s a es as")),
)


def _entries(table: str) -> Iterator[tuple[str, str]]:
    """Split a table at its bars into codes and what stands after them."""
    for entry in re.sub(r"\s*([,;|])\s*", r"\1", table.strip()).split("|"):
        code, _, rest = " ".join(entry.split()).partition(" ")
        yield code, rest


def _inflect(column: int, form: str) -> Iterator[str]:
    """Yield the inflected forms of a base form in the language of a demonym column."""
    ending, replacements = next(rule for rule in _ENDINGS[column] if re.search(rule[0], form))
    for replacement in replacements.split(" "):
        yield re.sub(ending, replacement, form, count=1)


def _cases(language: str, name: str) -> Iterator[str]:
    """Yield the commonest cases of a Finnish or Polish name, where other languages have prepositions."""
    if language == "pl" and name.endswith("a"):
        yield from (name[:-1] + end for end in ("i", "ie", "y", "ę"))
    if language == "fi":
        stem = name if name[-1] in "aeiouyäö" else name + "i"
        weak = re.sub(r"kk(?=.$)", "k", re.sub(r"nt(?=.$)", "nn", stem))
        yield from (*(weak + end for end in ("n", "ssa", "sta", "lla", "lle", "lta")), stem + stem[-1] + "n")


class _Collector:
    """The forms of each code, by how they may be written."""

    def __init__(self) -> None:
        """Start with no forms."""
        self.sections: dict[str, dict[str, str]] = {name: {} for name in _SECTIONS}
        self._denied = {*_DENIED.split(), "st thomas", ""}

    def add(self, section: str, code: str, form: str) -> None:
        """Keep a form unless it is denied or taken: what is added first holds."""
        key = name_key(form)
        if key not in self._denied and (section, key) != ("adjectives", "china"):
            self.sections[section].setdefault(key, code)

    def add_territories(self) -> None:
        """Add the names of countries and regions, the variants above before CLDR's."""
        for code, names in _entries(_VARIANTS):
            for name in names.split(","):
                self.add("common" if name[0].islower() else "names", code, name)
        for language in _LANGUAGES:
            for code, name in Locale.parse(language).territories.items():
                if code in ("001", "AC", "UN", "XA", "XB", "ZZ", "QO") or "," in name:
                    continue
                for part in re.split(r" \((?=Bir|Bur)", name.replace(" & ", " and ")):
                    self.add("common" if name[0].islower() else "names", code, part)
                for case in _cases(language, name) if code.isalpha() and name.isalpha() else ():
                    if name_key(case) not in self.sections["people"]:
                        self.add("names", code, case)

    def add_demonyms(self) -> None:
        """Add adjectives and inhabitants; English and German inhabitants have capitals."""
        for code, columns in _entries(_DEMONYMS):
            fields = (columns.split(";") + [""] * 5)[:6]
            fields[0] = fields[0].replace("+", str(Locale("en").territories.get(code)) + "n")
            fields[3] = fields[3] or re.sub(r"isk\b.*", "isch", fields[2])
            fields[5] = fields[5] or fields[1]
            for column, field in enumerate(fields):
                for form in filter(None, field.split(",")):
                    section = "people" if form[0].isupper() else "adjectives"
                    for inflected in _inflect(column, form):
                        self.add(section, code, inflected)

    def add_cities(self) -> None:
        """Add the cities above and those that time zones are named for."""
        for code, names in _entries(_CITIES):
            country, _, slug = code.partition("/")
            for name in [slug, *names.split(",")] if slug else names.split(","):
                self.add("names", code if slug else f"{country}/{name}", name)
        old_names = {new: old for old, new in get_global("zone_aliases").items()}
        countries = get_global("zone_territories")
        numbers = Counter(countries.values())
        for zone, country in countries.items():
            city = zone.rpartition("/")[2]
            if numbers[country] == 1 or city in _ZONES.split():
                code = f"{country}/{name_key(city).replace(' ', '-')}"
                self.add("names", code, city.replace("_", " "))
                for language in _LANGUAGES:
                    for key in (zone, old_names.get(zone, zone)):
                        self.add("names", code, get_timezone_location(key, locale=language, return_city=True))


def main() -> None:
    """Write the forms beside the module that reads them."""
    collector = _Collector()
    collector.add_demonyms()
    collector.add_territories()
    collector.add_cities()
    by_code: dict[str, dict[str, list[str]]] = {}
    for section, codes in collector.sections.items():
        for key, code in sorted(codes.items()):
            by_code.setdefault(section, {}).setdefault(code, []).append(key)
    target = Path(__file__).parents[1] / "places.json"
    target.write_text(json.dumps(by_code, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
