// Common to all scenes: a check of the browser, the hub's address in the curl commands, and the source of the page. In syntax of any
// browser; the scenes work without it.
(function () {
  // Browsers with modules support all the syntax of the scenes; Edge before version 79 has modules, but no EventSource.
  if (!('noModule' in document.createElement('script')) || typeof EventSource === 'undefined') {
    notice('This browser is too old for these pages. Any current Firefox, Chrome, Edge or Safari can show them, and <code>curl -N</code> receives the same events.');
  }

  function notice(html) {
    document.write('<p class="notice" role="alert">' + html + '</p>');
  }

  if (!document.addEventListener) return;
  document.addEventListener('DOMContentLoaded', function () {
    insertHubAddress();
    showSource();
    checkSession();
  });

  // The dashboard asks for a token and has the hub keep it in a cookie, which these pages send too.
  function checkSession() {
    if (typeof fetch === 'undefined') return;
    fetch('../session', { cache: 'no-store' })
      .then(function (answer) {
        return answer.ok ? answer.json() : { subscribe: [] };
      })
      .then(function (session) {
        if (session.subscribe.length || document.getElementById('sign-in')) return; // or the page asks for one itself
        var text = document.createElement('p');
        text.className = 'notice';
        text.setAttribute('role', 'alert');
        text.appendChild(document.createTextNode('This hub asks for a token: '));
        var link = text.appendChild(document.createElement('a'));
        link.href = '../';
        link.textContent = 'sign in on its dashboard';
        document.body.insertBefore(text, document.body.firstChild);
      })
      .catch(function () {}); // the hub can't be reached, which the page tells itself
  }

  // The commands can be copied as they are.
  function insertHubAddress() {
    var commands = document.querySelectorAll('.curl code');
    var hub = location.href.replace(/[?#].*/, '').replace(/scenes\/[^\/]*$/, '');
    for (var i = 0; i < commands.length; i++) {
      commands[i].textContent = commands[i].textContent.split('http://127.0.0.1:8080/').join(hub);
    }
  }

  function showSource() {
    var details = document.createElement('details');
    if (!document.querySelector('.curl') || typeof fetch === 'undefined') return;
    details.appendChild(document.createElement('summary')).textContent = 'Source of this page';
    var source = details.appendChild(document.createElement('pre'));
    source.tabIndex = 0;
    document.body.appendChild(details);
    details.addEventListener('toggle', function () {
      fetch(location.pathname)
        .then(function (answer) {
          return answer.text();
        })
        .then(
          function (text) {
            source.textContent = text;
          },
          function () {
            source.textContent = 'The hub can\u2019t be reached.';
          }
        );
    });
  }
})();
