// Makes elements. Everything on the page is made here, and no string ever becomes HTML, so a log may hold any text.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Properties named `on...` are listeners, and the value true makes an attribute without a value. Properties
 * and children that are null, undefined or false are left out.
 */
export function element(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG elements. */
export function svgElement(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (isPresent(value)) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(isPresent));
  return node;
}

function isPresent(value) {
  return value !== null && value !== undefined && value !== false;
}

let count = 0;

/** An id that no other element has; labels and descriptions need one. */
export function freshId() {
  count += 1;
  return `e${count}`;
}

/** Announce a sentence to people who use a screen reader. */
export function announce(sentence) {
  document.getElementById("announcement").textContent = sentence;
}

/** A button that copies what `text()` returns at that time. */
export function copyButton(label, text) {
  const button = element("button", { type: "button", class: "small", onclick: copy }, label);
  async function copy() {
    await navigator.clipboard.writeText(text());
    announce("Copied.");
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  }
  return button;
}
