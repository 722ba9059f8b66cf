// The projector's picture: one pass of points and of lines between them, looked at by a camera (gl/map_camera.ts).
// Draws only when something changed. Owns its GPU resources; call dispose().
import { Matrix4, Scene, Vector3, WebGLRenderer } from 'three';
import { copyOnto } from '../base/download';
import { cancelDraw, requestDraw } from '../base/frame';
import { parseCamera } from './camera';
import { hideAbsent, hidesOthers, kHidden } from './emphasis';
import { between, boundsOf, boundsOfBox, pointOpacity, pointSize, toTriples, visibleTriples } from './fit';
import { LinesPass } from './lines_pass';
import { MapCamera } from './map_camera';
import { MovingShare } from './moving_share';
import { packOnce, packPositions, type PackedPositions } from './pack';
import { PickIndex } from './pick';
import { PointsPass } from './points_pass';
import type { Polygon, SelectTask } from './select';
import { Thumbnails, type Atlas } from './thumbnails';

/** CSS pixels from the pointer within which a point is meant. */
const kReach = 10;
const kSolidOpacity = 0.6; // of points that are less opaque, those behind shine through
/** A picture that has not changed for so long stands still: picks and thumbnails are prepared. */
const kSettledMs = 300;
const kThumbnailsAfterMs = 150;
/** From so many points on a moving picture may be drawn of a part of them; a still one never is. */
const kMovingFrom = 100_000;
const kStillAfterMs = 200;
const kStillSlowMs = 500; // where a whole picture takes long

const pixelRatio = () => Math.min(2, window.devicePixelRatio || 1);

export class ProjectorScene {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #pass = new PointsPass();
  readonly #lines = new LinesPass(this.#pass);
  readonly #thumbnails = new Thumbnails();
  #thumbnailSize = 0;
  #thumbnailTimer = 0;
  #rgb: Uint8Array = new Uint8Array(0);
  readonly #moving = new MovingShare();
  #stillTimer = 0;
  readonly #camera: MapCamera;
  #coordinates: Float32Array = new Float32Array(0);
  #next: Float32Array | null = null;
  #triplesOf = new WeakMap<Float32Array, Float32Array>();
  #blend = 0;
  #packed: PackedPositions | null = null;
  #index: PickIndex | null = null;
  #indexTimer = 0;
  #isIndexDue = false;
  #asked: Uint8Array = new Uint8Array(0);
  /** As asked for, with what has no place hidden. */
  #emphasis = this.#asked;
  #size = { width: 1, height: 1 };
  /** The canvas follows when something is drawn: to resize it is to wait for the GPU. */
  #isResized = false;
  #ring: readonly [number, number, number] = [0, 0, 0];
  #onDraw: () => void = () => undefined;
  #onCamera: (camera: string) => void = () => undefined;
  /** A camera that waits for points to look at. */
  #wantedCamera = '';
  readonly #draw = () => this.render();
  readonly #drawNow = () => {
    cancelDraw(this.#draw);
    this.render();
  };

  /** `hasPreview`: all points are to be seen already (gl/first_picture.ts). Throws where the browser has no WebGL 2. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly hasPreview = false,
  ) {
    canvas.width = Math.floor(canvas.clientWidth * pixelRatio());
    canvas.height = Math.floor(canvas.clientHeight * pixelRatio());
    // Asked for here: three would complain on the console, and the page has another picture then.
    const context = canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: true,
      powerPreference: 'high-performance',
    });
    if (context === null) throw new Error('no WebGL 2');
    this.#renderer = new WebGLRenderer({ canvas, context, antialias: false, alpha: true });
    this.#renderer.debug.checkShaderErrors = false;
    this.#renderer.setClearColor(0, 0);
    this.#scene.add(this.#lines.lines, this.#pass.points, this.#thumbnails.points);
    this.#camera = new MapCamera(canvas, {
      moved: () => this.#noteMovement(),
      told: (camera) => this.#onCamera(camera),
    });
    // As after a sleep of the machine: three makes all anew, but draws nothing by itself.
    canvas.addEventListener('webglcontextrestored', () => this.invalidate());
    // A first picture, of one point that nobody sees, compiles the shaders before there are others.
    this.resize(canvas.clientWidth, canvas.clientHeight);
    this.#pass.setPacked(packPositions(new Float32Array(2), 2), null);
    this.render();
  }

  resize(width: number, height: number): void {
    if (width < 1 || height < 1) return;
    this.#size = { width, height };
    this.#isResized = true;
    this.#camera.resize(width / height);
    this.invalidate();
  }

  /** New places of the points, and of the next key frame if there is one; the camera follows until it was moved. */
  setCoordinates(coordinates: Float32Array, dims: number, next: Float32Array | null): void {
    const isOther = dims !== this.#camera.dims;
    const isFirst = this.#coordinates.length === 0 && coordinates.length > 0;
    if (isOther) this.#camera.useDims(dims);
    this.#coordinates = coordinates;
    this.#next = next !== null && next.length === coordinates.length ? next : null;
    this.#packed = packOnce(coordinates, dims);
    this.#pass.setPacked(this.#packed, this.#next === null ? null : packOnce(this.#next, dims));
    if (this.#emphasis.length > 0) this.setEmphasis(this.#asked);
    if (this.#thumbnails.isOn) this.#thumbnails.move({ triples: this.#triples, next: this.#nextTriples });
    if (isOther) this.#index = null;
    this.#isIndexDue = true;
    clearTimeout(this.#indexTimer);
    if (isOther || !this.#camera.isTouched) this.#show();
    if (this.#wantedCamera !== '' && coordinates.length > 0) this.setCamera(this.#wantedCamera);
    // Less than all points would be fewer than are to be seen already.
    if (isFirst && this.hasPreview) return this.#rest();
    this.#noteMovement();
    // Points appear once their colours are set, not a frame later: frames of a page that is still being laid out are slow.
    if (isFirst) queueMicrotask(this.#drawNow);
  }

  /** How far from this key frame (0) to the next (1). */
  setBlend(blend: number): void {
    const now = this.#next === null ? 0 : blend;
    if (now === this.#blend) return;
    this.#blend = now;
    this.#pass.setBlend(now);
    this.#thumbnails.setBlend(now);
    this.#noteMovement();
  }

  setColours(rgb: Uint8Array): void {
    this.#rgb = rgb;
    this.#pass.setColours(rgb);
    this.invalidate();
  }

  setEmphasis(emphasis: Uint8Array): void {
    const before = this.#emphasis;
    this.#asked = emphasis;
    this.#emphasis = hideAbsent(emphasis, [
      this.#packed,
      this.#next === null ? null : packOnce(this.#next, this.#dims),
    ]);
    this.#pass.setEmphasis(this.#emphasis);
    // Who has not chosen a place sees all that is shown, as a link to it does.
    if (!this.#camera.isTouched && this.#coordinates.length > 0 && hidesOthers(before, this.#emphasis)) this.#show();
    this.invalidate();
  }

  /** Lines from rows to rows (gl/lines_pass.ts). */
  setPairs(pairs: Uint32Array): void {
    this.#lines.setPairs(pairs);
    this.invalidate();
  }

  /** Thumbnails of `size` CSS pixels on points; null: none. */
  setThumbnails(atlas: Atlas | null, size: number): void {
    this.#thumbnailSize = size;
    this.#thumbnails.setAtlas(size > 0 ? atlas : null, this.#renderer.capabilities.maxTextureSize);
    this.invalidate();
  }

  setRing(ring: readonly [number, number, number]): void {
    this.#ring = ring;
    this.invalidate();
  }

  /** Shows the whole cloud, and goes on doing so while it moves. */
  fit(): void {
    this.#show();
    this.#onCamera('');
  }

  #show(): void {
    const isWhole = this.#packed !== null && !this.#emphasis.includes(kHidden);
    this.#camera.show(isWhole ? boundsOfBox(this.#packed!) : boundsOf(visibleTriples(this.#triples, this.#emphasis)));
    this.invalidate();
  }

  /** Looks where a link says (gl/camera.ts); text that is no camera shows the whole cloud. */
  setCamera(text: string): void {
    if (this.#coordinates.length === 0) {
      this.#wantedCamera = text;
      return;
    }
    this.#wantedCamera = '';
    this.#show();
    const numbers = parseCamera(text, this.#dims);
    if (numbers === null) return;
    this.#camera.look(numbers);
    this.invalidate();
  }

  /** Called when the user has moved the camera, with what `setCamera` takes; empty: it shows all. */
  onCamera(listener: (camera: string) => void): void {
    this.#onCamera = listener;
  }

  pick(x: number, y: number): number {
    const radius = pointSize(this.#pass.count, this.#size.width, this.#size.height) / 2;
    const emphasis = this.#emphasis.length === this.#pass.count ? this.#emphasis : null;
    return this.#currentIndex().pick({
      matrix: this.#camera.matrix(),
      ...this.#size,
      x,
      y,
      reach: kReach,
      radius,
      emphasis,
      blend: this.#blend,
    });
  }

  /** What `selectRows` needs for a polygon drawn on the picture. */
  selection(polygon: Polygon): SelectTask {
    return {
      triples: between(this.#triples, this.#nextTriples, this.#blend),
      matrix: this.#camera.matrix(),
      ...this.#size,
      polygon,
    };
  }

  /** Where a point is on the picture, in CSS pixels; null where it is not shown. */
  place(row: number): { x: number; y: number } | null {
    if (this.#dims * row >= this.#coordinates.length || this.#emphasis[row] === kHidden) return null;
    const at = new Vector3().fromArray(this.#triples, 3 * row);
    if (this.#nextTriples !== null) at.lerp(new Vector3().fromArray(this.#nextTriples, 3 * row), this.#blend);
    at.applyMatrix4(new Matrix4().fromArray(this.#camera.matrix()));
    const [x, y] = [((at.x + 1) / 2) * this.#size.width, ((1 - at.y) / 2) * this.#size.height];
    return at.z < 1 && x >= 0 && y >= 0 && x <= this.#size.width && y <= this.#size.height ? { x, y } : null;
  }

  /** While a selection is drawn, dragging is not for the camera. */
  setDragging(isMoving: boolean): void {
    this.#camera.setDragging(isMoving);
  }

  /** Called after every drawn picture. */
  onDraw(listener: () => void): void {
    this.#onDraw = listener;
  }

  /** Moves the camera by keys: shares of the picture to the right and up, and a zoom factor. */
  move(right: number, up: number, zoom: number): void {
    this.#camera.move(right, up, zoom);
    this.invalidate();
  }

  invalidate(): void {
    requestDraw(this.#draw);
    if (!this.#thumbnails.isOn) return;
    clearTimeout(this.#thumbnailTimer);
    this.#thumbnailTimer = window.setTimeout(() => this.#chooseThumbnails(), kThumbnailsAfterMs);
  }

  render(): void {
    if (this.#pass.count === 0) return;
    if (this.#isResized) {
      this.#isResized = false;
      this.#renderer.setPixelRatio(pixelRatio());
      this.#renderer.setSize(this.#size.width, this.#size.height, false);
    }
    const pixels = pointSize(this.#pass.count, this.#size.width, this.#size.height);
    const opacity = pointOpacity(this.#pass.count, this.#size.width, this.#size.height);
    this.#pass.setLook({
      pixels: pixels * Math.min(2, Math.sqrt(this.#camera.zoom)) * this.#renderer.getPixelRatio(),
      depthScale: this.#dims === 3 ? this.#camera.distance : 0,
      ring: this.#ring,
      opacity,
      isSolid: this.#dims !== 3 || opacity > kSolidOpacity,
    });
    const isMoving = this.#stillTimer !== 0;
    const share = isMoving && this.#pass.count > kMovingFrom ? this.#moving.share : 1;
    this.#pass.setShare(share);
    this.#lines.follow(share === 1);
    this.#renderer.render(this.#scene, this.#camera.view);
    if (!isMoving && this.#pass.count > kMovingFrom)
      this.#moving.time(this.#renderer.getContext() as WebGL2RenderingContext);
    this.#onDraw();
  }

  #rest(): void {
    clearTimeout(this.#stillTimer);
    if (!this.#camera.isHeld) this.#stillTimer = 0;
    if (this.#isIndexDue) this.#prepareIndex();
    this.invalidate();
  }

  /** All points again once the camera rests: not while it is held, or one slow picture would hold up the next move. */
  #noteMovement(): void {
    clearTimeout(this.#stillTimer);
    this.#stillTimer = window.setTimeout(() => this.#rest(), this.#moving.share < 1 ? kStillSlowMs : kStillAfterMs);
    this.invalidate();
  }

  /** The picture as a canvas of its own. */
  snapshot(background: string): HTMLCanvasElement {
    this.#rest();
    this.render();
    return copyOnto(background, this.canvas);
  }

  dispose(): void {
    cancelDraw(this.#draw);
    clearTimeout(this.#indexTimer);
    clearTimeout(this.#thumbnailTimer);
    clearTimeout(this.#stillTimer);
    this.#thumbnails.dispose();
    this.#camera.dispose();
    this.#lines.dispose();
    this.#pass.dispose();
    this.#renderer.dispose();
    // Its buffers, of a million points and more, are given back now, not when memory is looked through some day.
    this.#renderer.forceContextLoss();
  }

  get #dims(): number {
    return this.#camera.dims;
  }
  get #triples(): Float32Array {
    return this.#tripled(this.#coordinates);
  }
  get #nextTriples(): Float32Array | null {
    return this.#next === null ? null : this.#tripled(this.#next);
  }
  /** Made when somebody asks: those of a million points take as long as a frame. */
  #tripled(coordinates: Float32Array): Float32Array {
    const made = this.#triplesOf.get(coordinates) ?? toTriples(coordinates, this.#dims);
    this.#triplesOf.set(coordinates, made);
    return made;
  }

  /** After the points are drawn and before the pointer asks, so that not even the first pick waits. */
  #prepareIndex(): void {
    clearTimeout(this.#indexTimer);
    this.#indexTimer = window.setTimeout(() => {
      this.#isIndexDue = false;
      this.#index = new PickIndex(this.#triples, this.#dims !== 3, this.#nextTriples);
    }, kSettledMs);
  }

  #currentIndex(): PickIndex {
    if (this.#index?.points !== this.#pass.count)
      this.#index = new PickIndex(this.#triples, this.#dims !== 3, this.#nextTriples);
    else this.#index.move(this.#triples, this.#nextTriples);
    return this.#index;
  }

  #chooseThumbnails(): void {
    if (!this.#thumbnails.isOn || this.#emphasis.length !== this.#pass.count) return;
    const places = {
      triples: this.#triples,
      next: this.#nextTriples,
      blend: this.#blend,
      matrix: this.#camera.matrix(),
      ...this.#size,
    };
    const size = this.#thumbnailSize;
    this.#thumbnails.choose(
      { ...places, emphasis: this.#emphasis, size },
      this.#rgb,
      size * this.#renderer.getPixelRatio(),
    );
    requestDraw(this.#draw);
  }
}
