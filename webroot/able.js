// Says in the page's class whether this browser can run it. In words that any browser understands, for those that have no
// EventSource, or no modules, would never run the other script.
document.documentElement.className =
  typeof EventSource !== 'undefined' && 'noModule' in document.createElement('script') ? 'able' : 'unable';
