// What all scenes have beside what they show, in words that old browsers understand; the scenes work without it.
(function () {
  var POLYFILL = '../webjars/EventSource/0.0.9/eventsource.min.js';

  // Browsers that know modules know all that the scenes are written in; some of them (Edge before 79) have no EventSource.
  if (!('noModule' in document.createElement('script'))) {
    notice('This browser is too old for these pages. Any current Firefox, Chrome, Edge or Safari can show them, and <code>curl -N</code> hears the same.');
  } else if (typeof EventSource === 'undefined') {
    notice('This browser has no <code>EventSource</code> of its own. A polyfill stands in for it here.');
    document.write('<script src="' + POLYFILL + '"><\/script>');
  }

  function notice(html) {
    document.write('<p class="notice" role="alert">' + html + '</p>');
  }

  if (!document.addEventListener) return;
  document.addEventListener('DOMContentLoaded', function () {
    tellWhereTheHubIs();
    showSource();
  });

  // So that what is copied from the page is true for this hub.
  function tellWhereTheHubIs() {
    var commands = document.querySelectorAll('.curl code');
    var hub = location.href.replace(/[?#].*/, '').replace(/scenes\/[^\/]*$/, '');
    for (var i = 0; i < commands.length; i++) {
      commands[i].textContent = commands[i].textContent.split('http://127.0.0.1:8080/').join(hub);
    }
  }

  function showSource() {
    var details = document.createElement('details');
    if (!document.querySelector('.curl') || typeof fetch === 'undefined') return;
    details.appendChild(document.createElement('summary')).textContent = 'This page, to copy';
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
