/** Runs in the page, where test/browser/layout.ts sends it as text: it uses nothing from outside of itself. */
export function findLayoutFaults(): string[] {
  /** Rounding, borders and the shadows of letters. */
  const tolerance = 2;
  const faults: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`${root.scrollWidth - root.clientWidth} px too wide`);

  const nameOf = (element: Element) =>
    `<${element.tagName.toLowerCase()} ${element.className}> “${(element.textContent ?? '').trim().slice(0, 40)}”`;

  /** The part of an element that can be seen: what scrolls or hides around it cuts it off. */
  const seenBox = (element: Element) => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (let around = element.parentElement; around && around !== root; around = around.parentElement) {
      const style = getComputedStyle(around);
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
      const box = around.getBoundingClientRect();
      left = Math.max(left, box.left);
      top = Math.max(top, box.top);
      right = Math.min(right, box.right);
      bottom = Math.min(bottom, box.bottom);
    }
    return right - left > 1 && bottom - top > 1 ? new DOMRect(left, top, right - left, bottom - top) : null;
  };

  const isShown = (element: Element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    // Only for screen readers.
    element.getBoundingClientRect().width > 1;

  /** Text that stands directly in an element, and things to press. */
  const holdsText = (element: Element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
  const isControl = (element: Element) => element.matches('a, button, input, select, textarea, summary');
  const leaves = [...document.body.querySelectorAll('*')].filter(
    (element) =>
      (holdsText(element) || isControl(element)) &&
      isShown(element) &&
      !element.closest('.skip-link, script, style, svg, noscript'),
  );

  const boxes = leaves.flatMap((element) => {
    const whole = element.getBoundingClientRect();
    const box = seenBox(element);
    if (box === null) return [];
    if (whole.right > root.clientWidth + tolerance && box.right > root.clientWidth + tolerance)
      faults.push(`reaches out of the screen: ${nameOf(element)}`);
    return [{ element, box, isFixed: isFixed(element) }];
  });

  function isFixed(element: Element) {
    for (let around: Element | null = element; around; around = around.parentElement) {
      const { position } = getComputedStyle(around);
      if (position === 'fixed' || position === 'sticky') return true;
    }
    return false;
  }

  const isInline = (element: Element) => getComputedStyle(element).display === 'inline';
  const blockOf = (element: Element) => {
    let around = element.parentElement;
    while (around && isInline(around)) around = around.parentElement;
    return around;
  };
  /** One lies in the other, both are of one flowing text, or both in one thing to press: they belong together. */
  const belong = (one: Element, other: Element) =>
    one.contains(other) ||
    (isInline(one) && isInline(other) && blockOf(one) === blockOf(other)) ||
    other.contains(one) ||
    (one.closest('a, button, label') !== null &&
      one.closest('a, button, label') === other.closest('a, button, label'));
  /** A link that reaches over all of its card, by design. */
  const reachesOver = (element: Element) => getComputedStyle(element, '::after').position === 'absolute';
  /** A symbol in a field: the field has room for it. */
  const isSection = (element: Element) => element.closest('[data-position]') !== null;

  boxes.sort((one, other) => one.box.top - other.box.top);
  for (let place = 0; place < boxes.length; place++) {
    const one = boxes[place];
    if (!one) continue;
    for (let next = place + 1; next < boxes.length; next++) {
      const other = boxes[next];
      if (!other || other.box.top >= one.box.bottom - tolerance) break;
      const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (width <= tolerance || height <= tolerance) continue;
      // What stays while the page scrolls lies over it.
      if (one.isFixed !== other.isFixed) continue;
      if (belong(one.element, other.element)) continue;
      if (reachesOver(one.element) || reachesOver(other.element)) continue;
      if (isSection(one.element) || isSection(other.element)) continue;
      faults.push(
        `${Math.round(width)} × ${Math.round(height)} px on one another: ${nameOf(one.element)} and ${nameOf(other.element)}`,
      );
    }
  }

  for (const { element } of boxes) {
    const style = getComputedStyle(element);
    const cut = element.scrollWidth > element.clientWidth + tolerance && element.clientWidth > 0;
    if (!cut || isControl(element) || style.overflowX !== 'hidden' || style.textOverflow === 'ellipsis')
      continue;
    faults.push(`cut off: ${nameOf(element)}`);
  }
  return faults;
}
