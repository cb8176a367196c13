// the same with setImmediate: others get their turn
function poll(untilMs) {
  if (Date.now() < untilMs) setImmediate(poll, untilMs);
}

setTimeout(() => poll(Date.now() + 600), 700);
