// Lets the search work in pages that are read from files. Browsers start no workers there, so the
// worker's script runs in a hidden frame, with as much of a worker around it as the search uses. The
// theme's plugin `offline` would fetch such a script from another host; it knows this one by its name.

if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    #inside;
    #ready;

    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.#inside = frame.contentWindow;
      this.#inside.postMessage = (data) =>
        this.dispatchEvent(new MessageEvent("message", { data }));
      this.#ready = new Promise((resolve) => {
        const script = this.#inside.document.createElement("script");
        script.src = url;
        script.onload = resolve;
        this.#inside.document.head.append(script);
      });
    }

    async postMessage(data) {
      await this.#ready;
      this.#inside.dispatchEvent(new MessageEvent("message", { data }));
    }
  };
}
