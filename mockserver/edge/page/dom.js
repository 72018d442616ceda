// Elements, made of text. Whatever is shown goes through here: no string ever becomes HTML, so that a log may hold any.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `on...` properties are listeners, true is a bare attribute; null, undefined and false are left out. */
export function element(tag, properties = {}, ...children) {
  return furnish(document.createElement(tag), properties, children);
}

/** The same for the inside of a drawing. */
export function drawn(tag, properties = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), properties, children);
}

function furnish(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (isThere(value)) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter(isThere));
  return made;
}

function isThere(value) {
  return value !== null && value !== undefined && value !== false;
}

let count = 0;

/** An id that no other element has, for labels and descriptions. */
export function freshId() {
  count += 1;
  return `e${count}`;
}

/** Tell those who listen rather than look. */
export function say(sentence) {
  document.getElementById("said").textContent = sentence;
}

/** A button that copies what `text()` gives when it is pressed. */
export function copyButton(label, text) {
  const button = element("button", { type: "button", class: "small", onclick: copy }, label);
  async function copy() {
    await navigator.clipboard.writeText(text());
    say("Copied.");
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  }
  return button;
}
