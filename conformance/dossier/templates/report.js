"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.localName === "details") at.open = true;
      at.hidden = false;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details.req:not([open])");
    closed.forEach((item) => { item.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((item) => { item.open = false; }));

  const filters = document.getElementById("filters");
  const requirements = all("details.req");
  if (!filters || !requirements.length) return;
  const boxes = all("input[type=checkbox]", filters);
  const chapter = document.getElementById("f-chapter");
  const text = document.getElementById("f-text");
  const count = document.getElementById("f-count");
  const plain = (value) => value.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const words = new Map(requirements.map((item) => [item, plain(item.querySelector("summary").textContent)]));
  const apply = () => {
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const asked = plain(text.value.trim());
    let shown = 0;
    for (const item of requirements) {
      const { verdict, chapter: code } = item.dataset;
      const fits = verdicts.has(verdict) && (!chapter.value || code === chapter.value) && words.get(item).includes(asked);
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const section of [...all("section.chapter"), ...all("section.profile")]) {
      section.hidden = !section.querySelector("details.req:not([hidden])");
    }
    count.textContent = count.dataset.text.replace("%s", shown);
  };
  const visible = () => requirements.filter((item) => !item.hidden);
  document.getElementById("f-open").addEventListener("click", () => visible().forEach((item) => { item.open = true; }));
  document.getElementById("f-close").addEventListener("click", () => visible().forEach((item) => { item.open = false; }));
  filters.addEventListener("input", apply);
  filters.hidden = false;
  apply();
})();
