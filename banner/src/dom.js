// Elements and their styles, made so that the strictest Content-Security-Policy has nothing to say: no markup is
// parsed, no style attribute is written.
import css from "./style.css";
import { colours, nonce } from "./data.js";

export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const name in properties)
    if (name in element) element[name] = properties[name];
    else element.setAttribute(name, properties[name]);
  element.append(...children.flat(9).filter(child => child));
  return element;
}

export const button = (words, onclick, more) => h("button", { type: "button", onclick, ...more }, words);

// Fill a shadow root, or the document of an empty frame.
export function fill(root, ...children) {
  const textContent = css + colours; // after `all: initial`
  try {
    const sheet = new (root.ownerDocument || root).defaultView.CSSStyleSheet();
    sheet.replaceSync(textContent);
    root.adoptedStyleSheets = [sheet];
  } catch {
    (root.head || root).append(h("style", { nonce, textContent })); // Safari before 16.4
  }
  (root.body || root).append(...children);
}
