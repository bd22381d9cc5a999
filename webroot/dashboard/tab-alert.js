// Shows trouble in the browser's list of tabs, by the page's title and icon.

const HEALTHY = { title: document.title, icon: 'favicon.svg' };
const icon = document.querySelector('link[rel="icon"]');

let troubleIcon = 'favicon-trouble.svg';

/** Keeps the icon on the page: when it is needed, the hub may be the one that is lost. */
async function load() {
  try {
    const response = await fetch(troubleIcon);
    if (response.ok) troubleIcon = `data:image/svg+xml,${encodeURIComponent(await response.text())}`;
  } catch {
    // the hub can't be reached; the title says so
  }
}

load();

/** trouble: in a few words; empty: there is none. */
export function show(trouble) {
  const title = trouble ? `(!) ${trouble} \u2013 ${HEALTHY.title}` : HEALTHY.title;
  if (document.title !== title) document.title = title;
  const href = trouble ? troubleIcon : HEALTHY.icon;
  if (icon.getAttribute('href') !== href) icon.setAttribute('href', href);
}
