// Before the page is drawn, so that nothing moves when it is: whether the first steps were dismissed. In syntax of any browser.
try {
  document.documentElement.setAttribute('data-first-steps', localStorage.getItem('tidings.first-steps') || 'shown');
} catch (e) {
  document.documentElement.setAttribute('data-first-steps', 'shown'); // storage is not allowed
}
