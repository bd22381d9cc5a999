// Sets the page's class to supported or unsupported. In syntax of any browser: browsers without TextDecoderStream (to read a response
// while it arrives) or modules never run the other scripts.
document.documentElement.className =
  typeof TextDecoderStream !== 'undefined' && 'noModule' in document.createElement('script') ? 'supported' : 'unsupported';
