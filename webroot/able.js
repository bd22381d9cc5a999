// Says in the page's class whether this browser can run it. In words that any browser understands, for those that can't read an
// answer while it comes, or have no modules, would never run the other scripts.
document.documentElement.className =
  typeof TextDecoderStream !== 'undefined' && 'noModule' in document.createElement('script') ? 'able' : 'unable';
