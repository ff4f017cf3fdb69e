def test_probe(footnote, index, news):
    for args in (["ask","what did Rutte say in Latvia?"],["ask","--json","what did Rutte say in Latvia?"],["ask","who won the chess tournament in Brazil?"],["articles"],["index",str(news)],["ask","when did the bakery on Mill Street open?"],["ask","cosa ha detto Rutte a Roma?"]):
        o=footnote(*args); print(args,o.code); print(o.out); print("ERR",o.err)
    assert 0
