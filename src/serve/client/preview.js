// Keeps a page of the preview in step with the dossier. The server says in a stream of states what holds now, and each state is
// compared with what this document shows. All that is shown is in the HTML already: without this script only the keeping up is lost.
'use strict';
{
  const root = document.getElementById('_dossier');
  // What the document shows: run, revision, page, panel and findings. All but the page move on with the states.
  const shown = root.dataset;
  // Revisions of files that arrived after the document.
  const arrived = new Map();
  const address = (what) => `${shown.base}_dossier/${what}?path=${encodeURIComponent(shown.path)}`;
  const overlay = () => root.querySelector('._dossier-overlay');
  const panel = () => root.querySelector('._dossier-panel');
  const boxes = () => [...root.querySelectorAll('._dossier-scroll')].map((box) => [box.parentElement.className, box]);

  // Storage may be forbidden or full. Then a reload forgets its place, and nothing else is different.
  function recall(key) {
    try {
      return JSON.parse(sessionStorage.getItem(`_dossier ${key}`));
    } catch {
      return null;
    }
  }

  function keep(key, value) {
    try {
      sessionStorage.setItem(`_dossier ${key}`, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  // The stream. A browser grants a host six connections for all its tabs, so that only a page that is seen holds one.
  let source, timer, next, busy;
  let pause = 1000;
  let leaving = false;

  function connect() {
    clearTimeout(timer);
    if (source || leaving || document.hidden) return;
    source = new EventSource(address('events'));
    source.addEventListener('state', (event) => hear(event.data));
    source.addEventListener('error', lost);
  }

  function disconnect() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  // The browser's own trying again ends for good at some errors. A server that only starts anew is back before a word is due.
  function lost() {
    disconnect();
    if (leaving || document.hidden) return;
    if (pause > 1000) say('preview stopped');
    timer = setTimeout(connect, pause);
    pause = Math.min(pause * 1.6, 10_000);
  }

  // A state is complete: of those that come while one is followed, only the last counts.
  async function hear(text) {
    next = text;
    if (busy) return;
    busy = true;
    try {
      while (next && !leaving) {
        const state = JSON.parse(next);
        next = null;
        await follow(state);
        pause = 1000;
      }
    } catch {
      // Connecting again brings the state again.
      lost();
    }
    busy = false;
  }

  let first = true;
  async function follow(state) {
    const atOnce = first;
    first = false;
    say('');
    if (state.panel !== shown.panel || state.findings !== shown.findings) await renew(state);
    // While errors stand, nothing is newer than this page.
    if (state.findings) return;
    const other = state.run !== shown.run;
    if (state.page !== shown.page || (!other && exchange(state.files))) return reload(atOnce);
    if (atOnce) keep(`reloads ${shown.path}`, null);
    if (!other) return;
    // Another run counts anew, so that its revisions do not tell which style sheets are old.
    sheets().forEach((link) => swap(link, state.run));
    arrived.clear();
    shown.run = state.run;
    shown.revision = state.revision;
  }

  // The files of the page.
  const sheets = () => [...document.querySelectorAll('link[rel~="stylesheet"][href]')];

  // The path of an address on this server, as people write it; of others, and of what cannot be read, there is none.
  function pathOf(address) {
    try {
      const url = new URL(address, location);
      return url.origin === location.origin ? decodeURIComponent(url.pathname) : null;
    } catch {
      return null;
    }
  }

  // Exchanges the style sheets that are newer than the document, and says whether anything else is that it loaded: only a reload brings
  // that. Pictures and fonts of style sheets are among it, as a browser does not ask for them again with the sheet.
  function exchange(files) {
    const loaded = new Set(performance.getEntriesByType('resource').map((one) => pathOf(one.name)));
    let needed = false;
    for (const [file, revision] of Object.entries(files)) {
      if (revision <= (arrived.get(file) ?? Number(shown.revision))) continue;
      arrived.set(file, revision);
      const path = pathOf(shown.base) + file;
      const links = sheets().filter((link) => pathOf(link.href) === path);
      links.forEach((link) => swap(link, revision));
      needed ||= links.length === 0 && loaded.has(path);
    }
    return needed;
  }

  // The old link goes when the new one beside it is there, so that the page is never without style. Of several exchanges on their way
  // the last one wins: each new link takes all those before it that it replaces.
  const replaced = new WeakMap();
  function swap(link, version) {
    if (replaced.get(link.nextElementSibling)?.includes(link)) return;
    const url = new URL(link.href);
    url.searchParams.set('v', version);
    const fresh = link.cloneNode();
    fresh.href = url;
    const old = [...(replaced.get(link) ?? []), link];
    replaced.set(fresh, old);
    fresh.addEventListener('load', () => old.forEach((one) => one.remove()));
    fresh.addEventListener('error', () => fresh.remove());
    link.after(fresh);
  }

  // Reloads, unless the page is out of date as soon as it is loaded, again and again: three times are enough, and one where nothing can
  // be counted.
  function reload(atOnce) {
    if (atOnce) {
      const now = Date.now();
      const past = recall(`reloads ${shown.path}`)?.filter((time) => now - time < 10_000) ?? [];
      const counted = keep(`reloads ${shown.path}`, [...past, now]);
      const reloaded = performance.getEntriesByType('navigation')[0]?.type === 'reload';
      if (counted ? past.length >= 3 : reloaded) return say('reload for the newest state');
    }
    leaving = true;
    disconnect();
    if (keep(`place ${shown.path}`, place())) history.scrollRestoration = 'manual';
    location.reload();
  }

  // The reader's place. An element is known again by its id, else by what it says and the how-manieth it is that says so.
  function named(kind) {
    const counts = new Map();
    return [...document.querySelectorAll(kind)].map((element) => {
      if (element.id) return [`#${element.id}`, element];
      const says = element.querySelector(':scope > summary') ?? element;
      const words = `${element.getAttribute('href') ?? ''} ${says.textContent.trim()}`;
      counts.set(words, (counts.get(words) ?? 0) + 1);
      return [`${counts.get(words)} ${words}`, element];
    });
  }

  function place() {
    const { activeElement: active, body } = document;
    const kind = active && active !== body ? active.localName : null;
    return {
      at: [scrollX, scrollY],
      folds: named('details').map(([name, fold]) => [name, fold.open]),
      boxes: boxes().map(([name, box]) => [name, box.scrollTop]),
      focus: kind && [kind, named(kind).find(([, element]) => element === active)[0]],
    };
  }

  function scroll([left, top]) {
    scrollTo({ left, top, behavior: 'instant' });
  }

  function findPlace(was) {
    const folds = new Map(was.folds);
    for (const [name, fold] of named('details')) fold.open = folds.get(name) ?? fold.open;
    const tops = new Map(was.boxes);
    for (const [name, box] of boxes()) box.scrollTop = tops.get(name) ?? 0;
    // Whatever has the focus by now keeps it.
    if (was.focus && document.activeElement === document.body) {
      const [kind, name] = was.focus;
      new Map(named(kind)).get(name)?.focus({ preventScroll: true });
    }
    scroll(was.at);
  }

  // After a reload. Pictures may move the page until all are there; who scrolls meanwhile is let be.
  function comeBack() {
    const was = recall(`place ${shown.path}`);
    if (!was) return;
    keep(`place ${shown.path}`, null);
    findPlace(was);
    const top = scrollY;
    addEventListener('load', () => {
      if (scrollY === top) scroll(was.at);
      history.scrollRestoration = 'auto';
    });
  }

  // Banner, overlay and panel.
  let closed = recall('closed');
  let before = null;

  async function renew(state) {
    const response = await fetch(address('block'), { cache: 'no-store' });
    if (!response.ok) throw new Error(`${response.status}`);
    const fresh = document.createElement('template');
    fresh.innerHTML = await response.text();
    const others = state.findings !== shown.findings;
    const was = place();
    root.replaceChildren(fresh.content);
    shown.panel = state.panel;
    shown.findings = state.findings;
    dress();
    findPlace(was);
    if (others) overlay() ? takeFocus() : giveFocus();
  }

  // Adds what only works with scripts. Findings that were closed stay so on all pages until they are others.
  function dress() {
    if (panel()) panel().open = recall('panel') ?? panel().open;
    if (!overlay()) return;
    overlay().tabIndex = -1;
    overlay().hidden = closed === shown.findings;
    overlay().querySelector('._dossier-head').append(button('Close', () => show(false)));
    panel()?.querySelector('._dossier-scroll').prepend(button('Show the errors', () => show(true)));
  }

  function button(words, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = words;
    made.addEventListener('click', act);
    return made;
  }

  function show(yes) {
    closed = yes ? null : shown.findings;
    keep('closed', closed);
    const within = overlay().contains(document.activeElement);
    overlay().hidden = !yes;
    if (yes) takeFocus();
    else if (within) giveFocus();
  }

  // What is new takes the focus, to be read out and scrolled by keys, but not from somebody who writes.
  function takeFocus() {
    const active = document.activeElement;
    if (!overlay() || overlay().hidden || active?.matches('input, textarea, select, [contenteditable]')) return;
    if (!overlay().contains(active)) before = active;
    overlay().focus({ preventScroll: true });
  }

  function giveFocus() {
    if (before?.isConnected) before.focus({ preventScroll: true });
    before = null;
  }

  // A word in the bar about the preview itself.
  function say(words) {
    const summary = panel()?.querySelector('summary');
    if (!summary || (!words && !summary.querySelector('._dossier-note'))) return;
    const note = summary.querySelector('._dossier-note') ?? document.createElement('span');
    note.className = '_dossier-note';
    note.setAttribute('role', 'status');
    summary.append(note);
    note.textContent = words;
  }

  dress();
  comeBack();
  takeFocus();
  performance.setResourceTimingBufferSize(10_000);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing && overlay() && !overlay().hidden) show(false);
  });
  // On the way through the pages the panel stays as it was left; `toggle` does not bubble.
  root.addEventListener('toggle', (event) => keep('panel', event.target.open), true);
  document.addEventListener('visibilitychange', () => (document.hidden ? disconnect() : connect()));
  // A page that was left may be shown again as it was, by going back.
  addEventListener('pagehide', disconnect);
  addEventListener('pageshow', connect);
  connect();
}
