/**
 * Where systems keep Chromium; the variable is for those who keep it elsewhere.
 *
 * @returns {string[]}
 */
export function chromiumPlaces() {
  const named = process.env.ROWHOOK_TEST_CHROMIUM;
  return [
    ...(named ? [named] : []),
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ];
}
