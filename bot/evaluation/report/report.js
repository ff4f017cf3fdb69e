"use strict";
(() => {
  const form = document.querySelector(".filters");
  const cases = [...document.querySelectorAll(".case")].map((element) => ({
    element,
    outcome: element.dataset.outcome,
    slices: JSON.parse(element.dataset.slices),
    statuses: JSON.parse(element.dataset.statuses),
  }));
  const failed = ["crashed", "wrong"];
  document.documentElement.classList.add("scripted");

  const measure = document.getElementById("measure");
  measure?.addEventListener("change", () => {
    for (const chart of document.querySelectorAll(".chart")) chart.hidden = chart.id !== measure.value;
  });

  const words = (one) => {
    if (one.words === undefined) {
      const parts = one.element.querySelectorAll("summary h3, summary .slices, .question, .understood, .sides, .attributions");
      one.words = [...parts].map((part) => part.textContent).join(" ").toLowerCase();
    }
    return one.words;
  };
  const tests = {
    show: (one, value) => value === "all" || (value === "failed" ? failed.includes(one.outcome) : one.outcome === value),
    kind: (one, value) => one.slices.includes(`kind: ${value}`),
    language: (one, value) => one.slices.includes(`language: ${value}`),
    tag: (one, value) => one.slices.includes(value),
    status: (one, value) => one.statuses.includes(value),
    find: (one, value) => value.toLowerCase().split(/\s+/).every((word) => words(one).includes(word)),
  };
  const fields = [...form.elements].filter((field) => field.name in tests);
  const chosen = () => Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]).filter(([, value]) => value));
  const passes = (one, wanted) => Object.entries(wanted).every(([name, value]) => tests[name](one, value));

  const count = (wanted) => {
    for (const field of fields) {
      if (field.tagName !== "SELECT") continue;
      const others = { ...wanted };
      delete others[field.name];
      const rest = cases.filter((one) => passes(one, others));
      for (const option of field.options) {
        option.dataset.name ??= option.textContent;
        const number = option.value ? rest.filter((one) => tests[field.name](one, option.value)).length : rest.length;
        option.textContent = `${option.dataset.name} (${number})`;
      }
    }
  };
  const apply = () => {
    const wanted = chosen();
    let shown = 0;
    for (const one of cases) {
      one.element.hidden = !passes(one, wanted);
      shown += !one.element.hidden;
    }
    count(wanted);
    form.querySelector("output").textContent = `${shown} of ${cases.length} cases`;
    document.querySelector(".nothing").hidden = shown > 0 || cases.length === 0;
  };
  const remember = () => {
    const wanted = chosen();
    if (wanted.show === "all") delete wanted.show;
    const hash = new URLSearchParams(wanted).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    apply();
  };
  const go = () => {
    const hash = location.hash.slice(1);
    const target = hash && document.getElementById(hash);
    if (target && !hash.startsWith("case-")) return apply();
    const asked = new URLSearchParams(target ? "" : hash);
    for (const field of fields) field.value = asked.get(field.name) ?? (field.name === "show" ? "all" : "");
    for (const field of fields) if (field.tagName === "SELECT" && field.selectedIndex < 0) field.selectedIndex = 0;
    apply();
    if (target) target.open = true;
    if (hash) (target || document.getElementById("cases")).scrollIntoView();
  };

  let later;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", remember);
  form.addEventListener("input", (event) => {
    clearTimeout(later);
    if (event.target.name === "find") later = setTimeout(remember, 150);
  });
  form.addEventListener("reset", () => setTimeout(remember));
  for (const name of ["open", "close"]) {
    form.elements[name].addEventListener("click", () => {
      for (const { element } of cases) if (!element.hidden) element.open = name === "open";
    });
  }
  addEventListener("hashchange", go);
  go();
})();
