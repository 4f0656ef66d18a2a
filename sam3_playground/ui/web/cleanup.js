// What is done to the masks before they are shown: numbers of pixels, empty is off.

function createCleanup(store) {
  const inputs = element.querySelectorAll("[data-cleanup]");
  for (const input of inputs) {
    input.onchange = () => {
      const whole = input.step === "1";
      const value = Math.min(Math.max(0, Number(input.value) || 0), Number(input.max));
      store.settings.cleanup[input.dataset.cleanup] = whole ? Math.round(value) : value;
      store.tell();
    };
  }
  store.listen(() => {
    for (const input of inputs) input.value = store.settings.cleanup[input.dataset.cleanup] || "";
  });
}
