// Common to all scenes, and part of none: a check of the browser, the header, the hub's address in the commands, and the buttons that copy.
// In syntax of any browser; the scenes work without it.
(function () {
  var PAGES = [
    ['clock', 'Clock'],
    ['typed', 'Typed events'],
    ['finite', 'An end'],
    ['notify', 'Notifications'],
    ['ticker', 'Ticker'],
    ['job', 'Job'],
    ['log', 'Log'],
    ['answer', 'Answer'],
    ['rights', 'Rights'],
    ['keyboard', 'Keyboard'],
  ];
  var COPIED_MILLIS = 2000;
  var EXAMPLE = 'http://127.0.0.1:8080/'; // in the sources of the pages
  var WIDE = '(min-width: 75rem)'; // where the source is beside the scene

  // Browsers with modules support all the syntax of the scenes; Edge before version 79 has modules, but no EventSource.
  if (!('noModule' in document.createElement('script')) || typeof EventSource === 'undefined') {
    notice('This browser is too old for these pages. Any current Firefox, Chrome, Edge or Safari can show them, and <code>curl -N</code> receives the same events.');
    return;
  }

  function notice(html) {
    document.write('<p class="notice" role="alert">' + html + '</p>');
  }

  var given = new URLSearchParams(location.search).get('hub');
  var hub = hubAddress();
  showHeader();
  if (given && !/^https?:\/\//.test(given)) {
    document.addEventListener('DOMContentLoaded', function () {
      warn('The address in ?hub= has to begin with http:// or https://: ' + given);
    });
  }
  document.addEventListener('securitypolicyviolation', function () {
    warn('This hub\u2019s own pages may use this hub only. For another one, copy the page and open the copy.');
  });
  document.addEventListener('DOMContentLoaded', function () {
    document.querySelectorAll('dt a').forEach(keepHub);
    showCommand();
    showSource();
    checkSession();
  });

  // Of the hub that serves this page, or that of ?hub=URL; the example's if neither is one. It stands in a command, so it has nothing that a shell reads.
  function hubAddress() {
    try {
      var url = new URL((given || '..').replace(/\/*$/, '/'), location.href);
      if (/^https?:$/.test(url.protocol)) return (url.origin + url.pathname).replace(/[^\w.~:\/%[\]-]/g, encoded);
    } catch (error) {
      // not a URL, as the scene says itself
    }
    return EXAMPLE;
  }

  function encoded(character) {
    return '%' + character.charCodeAt(0).toString(16);
  }

  // At the beginning of the page.
  function warn(text) {
    var main = document.querySelector('main');
    var warning = main.querySelector('.notice') || main.insertBefore(document.createElement('p'), main.firstChild);
    warning.className = 'notice';
    warning.setAttribute('role', 'alert');
    warning.textContent = text;
    return warning;
  }

  function append(parent, name, text) {
    var element = parent.appendChild(document.createElement(name));
    if (text) element.textContent = text;
    return element;
  }

  function showHeader() {
    var header = append(document.body, 'header');
    var current = (/([^\/]*)\.html$/.exec(location.pathname) || [])[1];
    var home = append(header, 'p');
    append(home, 'a', 'Tidings').href = hub;
    home.appendChild(document.createTextNode(' / '));
    link(home, './', 'Scenes', !current || current === 'index');
    var nav = append(header, 'nav');
    nav.setAttribute('aria-label', 'Scenes');
    PAGES.forEach(function (page) {
      link(nav, page[0] + '.html', page[1], page[0] === current);
    });
    var here = nav.querySelector('[aria-current]');
    if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2; // on narrow screens it scrolls
  }

  function link(parent, page, text, isCurrent) {
    var anchor = append(parent, 'a', text);
    anchor.href = page;
    keepHub(anchor);
    if (isCurrent) anchor.setAttribute('aria-current', 'page');
  }

  function keepHub(anchor) {
    if (given) anchor.search = '?hub=' + encodeURIComponent(given);
  }

  // The commands can be copied as they are.
  function showCommand() {
    document.querySelectorAll('.curl code').forEach(function (command) {
      command.textContent = command.textContent.split(EXAMPLE).join(hub).replace(/\s*\n\s*/g, '\n');
      copyButton(command.parentNode, 'Copy command', command);
    });
  }

  // The source, as it works wherever it is saved: with the hub's address, and without this script.
  function showSource() {
    if (!document.querySelector('.curl') || location.protocol === 'file:') return;
    var aside = append(document.body, 'aside');
    aside.setAttribute('aria-label', 'Source');
    var details = append(aside, 'details');
    append(details, 'summary', 'Source of this page');
    var source = document.createElement('pre');
    source.tabIndex = 0;
    source.setAttribute('role', 'region');
    source.setAttribute('aria-label', 'Source of this page');
    copyButton(append(details, 'p'), 'Copy page', source);
    details.appendChild(source);
    details.addEventListener('toggle', function () {
      fetch(location.pathname)
        .then(function (answer) {
          return answer.text();
        })
        .then(
          function (text) {
            source.textContent = portable(text);
          },
          function () {
            source.textContent = 'It can\u2019t be read now.';
          }
        );
    });
    details.open = matchMedia(WIDE).matches;
  }

  function portable(page) {
    return page
      .replace('    <script src="common.js"></script>\n', '')
      .replace('href="scenes.css"', 'href="' + hub + 'scenes/scenes.css"')
      .replace('href="../favicon.svg"', 'href="' + hub + 'favicon.svg"')
      .replace('|| "..")', '|| "' + hub.replace(/\/$/, '') + '")')
      .split(EXAMPLE)
      .join(hub);
  }

  // Copies the text of an element, and says so.
  function copyButton(parent, label, source) {
    var button = append(parent, 'button', label);
    var done = append(parent, 'span');
    button.type = 'button';
    button.className = 'copy';
    done.setAttribute('role', 'status');
    button.onclick = function () {
      copied(source).then(function (text) {
        done.textContent = text;
        setTimeout(function () {
          done.textContent = '';
        }, COPIED_MILLIS);
      });
    };
  }

  // Pages that were loaded by plain HTTP through a network have no clipboard, but can copy what is selected.
  function copied(source) {
    var clipboard = navigator.clipboard ? navigator.clipboard.writeText(source.textContent) : Promise.reject();
    return clipboard.then(
      function () {
        return 'Copied.';
      },
      function () {
        getSelection().selectAllChildren(source);
        return document.execCommand('copy') ? 'Copied.' : 'Selected: copy it with Ctrl+C.';
      }
    );
  }

  // The dashboard asks for a token and has the hub keep it in a cookie, which these pages send too.
  function checkSession() {
    if (given || location.protocol === 'file:') return; // a hub elsewhere, whose cookies are not sent
    fetch(hub + 'session', { cache: 'no-store' })
      .then(function (answer) {
        return answer.ok ? answer.json() : { subscribe: answer.status === 401 || answer.status === 403 ? [] : ['**'] };
      })
      .then(function (session) {
        if (session.subscribe.length || document.getElementById('sign-in')) return; // or the page asks for one itself
        append(warn('This hub asks for a token: '), 'a', 'sign in on its dashboard').href = hub;
      })
      .catch(function () {}); // the hub can't be reached, which the page tells itself
  }
})();
