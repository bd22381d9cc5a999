// Shows trouble in the browser's list of tabs, by the page's title and icon.

const HEALTHY = { title: document.title, icon: 'favicon.svg' };
const TROUBLE_ICON = 'favicon-trouble.svg';

const icon = document.querySelector('link[rel="icon"]');

/** trouble: in a few words; empty: there is none. */
export function show(trouble) {
  const title = trouble ? `(!) ${trouble} \u2013 ${HEALTHY.title}` : HEALTHY.title;
  if (document.title !== title) document.title = title;
  const href = trouble ? TROUBLE_ICON : HEALTHY.icon;
  if (icon.getAttribute('href') !== href) icon.setAttribute('href', href);
}
