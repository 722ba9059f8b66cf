// How many of its points a picture is drawn of while the camera moves: as many as keep up with the hand, by what
// drawing all of them took. On a GPU that is all of them; software draws a million in seconds. Until that is known, few.

const kFrameMs = 30;
const kShareMin = 0.02;

export class MovingShare {
  share = kShareMin;
  #isTiming = false;

  /** After a picture of all points: learns how long the GPU takes for it. */
  time(gl: WebGL2RenderingContext): void {
    const fence = this.#isTiming ? null : gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (fence === null) return;
    gl.flush();
    this.#isTiming = true;
    const began = performance.now();
    const look = () => {
      if (gl.isContextLost()) return;
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) return void requestAnimationFrame(look);
      gl.deleteSync(fence);
      this.#isTiming = false;
      this.share = Math.min(1, Math.max(kShareMin, kFrameMs / (performance.now() - began)));
    };
    requestAnimationFrame(look);
  }
}
