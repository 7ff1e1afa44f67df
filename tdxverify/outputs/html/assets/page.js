"use strict";
// Lists of steps become steppers. Without this script the page shows all steps.
for (const stepper of document.querySelectorAll(".stepper")) {
  const steps = [...stepper.querySelectorAll(".step")];
  const last = steps.length - 1;
  if (!last) continue;
  stepper.querySelector(".told").prepend(document.getElementById("controls").content.cloneNode(true));
  const controls = stepper.querySelector(".controls");
  const position = stepper.querySelector(".position");
  stepper.tabIndex = 0;
  stepper.setAttribute("role", "group");
  stepper.setAttribute("aria-label", "Trace; left and right arrow keys step through it");
  const beats = [...stepper.querySelectorAll(".beat")];
  const ending = stepper.querySelector(".ending");
  let current = 0;

  const show = (number, scroll) => {
    current = Math.max(0, Math.min(last, number));
    stepper.classList.add("single");
    steps.forEach((step, k) => {
      step.classList.toggle("current", k === current);
      step.setAttribute("aria-current", k === current ? "step" : "false");
    });
    for (const beat of beats) {
      const at = Number(beat.dataset.step);
      beat.classList.toggle("current", at === current);
      beat.classList.toggle("past", at <= current);
      if (scroll && at === current) keepVisible(beat);
    }
    if (ending) ending.hidden = current !== last;
    position.textContent = current === 0 ? `Start, then ${last} steps` : `Step ${current} of ${last}`;
    for (const button of controls.children) {
      const go = button.dataset.go;
      const idle = (current === 0 && (go === "first" || go === "back")) ||
        (current === last && (go === "last" || go === "next"));
      button.setAttribute("aria-disabled", String(idle));
    }
  };

  const keepVisible = (beat) => {
    const frame = beat.closest(".frame");
    const inner = beat.getBoundingClientRect(), outer = frame.getBoundingClientRect();
    if (inner.top < outer.top) frame.scrollTop -= outer.top - inner.top + 20;
    if (inner.bottom > outer.bottom) frame.scrollTop += inner.bottom - outer.bottom + 20;
  };

  const all = () => {
    stepper.classList.remove("single");
    for (const beat of beats) { beat.classList.remove("current"); beat.classList.add("past"); }
    if (ending) ending.hidden = false;
    current = 0;
    position.textContent = "All steps are shown; Next goes through them one by one";
    for (const button of controls.children) {
      button.setAttribute("aria-disabled", String(button.dataset.go === "all" || button.dataset.go === "back"));
    }
  };

  const go = {
    first: () => show(0, true), back: () => show(current - 1, true), next: () => show(current + 1, true),
    last: () => show(last, true), all,
  };
  const keys = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last", Escape: "all" };

  controls.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) go[button.dataset.go]();
  });
  stepper.addEventListener("keydown", (event) => {
    const named = keys[event.key];
    const scrolls = event.target.closest(".frame, .memory");
    if (!named || event.altKey || event.ctrlKey || event.metaKey || scrolls) return;
    go[named]();
    event.preventDefault();
  });
  for (const beat of beats) beat.addEventListener("click", () => show(Number(beat.dataset.step), false));

  stepper.addEventListener("go", (event) => show(event.detail, true));

  stepper.classList.add("live");
  all();
}

// A link from the matrix unfolds the trace that it leads to.
const unfold = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (!folded) return;
  const stepper = target.closest(".stepper.single");
  if (stepper) stepper.dispatchEvent(new CustomEvent("go", { detail: Number(target.dataset.step) }));
  folded.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  for (const ending of document.querySelectorAll(".ending")) ending.hidden = false;
});
