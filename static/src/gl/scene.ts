// The projector's picture: one pass of points, a flat camera with pan and zoom or one that orbits.
// Draws only when something changed. Owns its GPU resources; call dispose().
import { Matrix4, MOUSE, OrthographicCamera, PerspectiveCamera, Scene, Vector3, WebGLRenderer } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { cancelDraw, requestDraw } from '../base/frame';
import { boundsOf, pointSize, toTriples, type Bounds } from './fit';
import { pickPoint } from './pick';
import { PointsPass } from './points_pass';

const kFieldOfView = 45;
/** Air around the cloud. */
const kAir = 1.12;

export class ProjectorScene {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #pass = new PointsPass();
  #camera: OrthographicCamera | PerspectiveCamera;
  #controls: OrbitControls;
  #dims = 2;
  #triples: Float32Array = new Float32Array(0);
  #bounds: Bounds = { centre: [0, 0, 0], radius: 1 };
  #isTouched = false;
  #size = { width: 1, height: 1 };
  #ring: readonly [number, number, number] = [0, 0, 0];
  readonly #draw = () => this.render();

  /** Throws where the browser has no WebGL at all. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    this.#renderer = new WebGLRenderer({ canvas, antialias: false, alpha: true, powerPreference: 'high-performance' });
    this.#renderer.setClearColor(0, 0);
    this.#scene.add(this.#pass.points);
    this.#camera = new OrthographicCamera();
    this.#controls = this.#makeControls();
  }

  resize(width: number, height: number): void {
    if (width < 1 || height < 1) return;
    this.#size = { width, height };
    this.#renderer.setPixelRatio(Math.min(2, window.devicePixelRatio || 1));
    this.#renderer.setSize(width, height, false);
    this.#applyAspect();
    this.invalidate();
  }

  /** New places of the points. The camera follows until the user has moved it. */
  setCoordinates(coordinates: Float32Array, dims: number): void {
    const isOther = dims !== this.#dims;
    if (isOther) this.#useDims(dims);
    this.#triples = toTriples(coordinates, dims);
    this.#bounds = boundsOf(this.#triples);
    this.#pass.setPositions(this.#triples);
    if (isOther || !this.#isTouched) this.fit();
    this.invalidate();
  }

  setColours(rgb: Uint8Array): void {
    this.#pass.setColours(rgb);
    this.invalidate();
  }

  setEmphasis(emphasis: Float32Array): void {
    this.#pass.setEmphasis(emphasis);
    this.invalidate();
  }

  setRing(ring: readonly [number, number, number]): void {
    this.#ring = ring;
    this.invalidate();
  }

  /** Shows the whole cloud. */
  fit(): void {
    this.#isTouched = false;
    const centre = new Vector3(...this.#bounds.centre);
    const { radius } = this.#bounds;
    const distance = (radius * kAir) / Math.tan((kFieldOfView * Math.PI) / 360);
    this.#controls.target.copy(centre);
    if (this.#camera instanceof OrthographicCamera) {
      this.#camera.position.set(centre.x, centre.y, 10);
      this.#camera.zoom = 1;
    } else {
      const direction = new Vector3(0.35, 0.3, 1).normalize();
      this.#camera.position.copy(centre).addScaledVector(direction, distance * 1.1);
      this.#camera.near = distance / 1000;
      this.#camera.far = distance * 1000;
    }
    this.#applyAspect();
    this.#controls.update();
    this.invalidate();
  }

  pick(x: number, y: number): number {
    this.#camera.updateMatrixWorld();
    const matrix = new Matrix4().multiplyMatrices(this.#camera.projectionMatrix, this.#camera.matrixWorldInverse);
    return pickPoint(this.#triples, matrix.elements, this.#size, x, y, 10);
  }

  invalidate(): void {
    requestDraw(this.#draw);
  }

  render(): void {
    const pixels = pointSize(this.#pass.count, this.#size.width, this.#size.height);
    const zoom = this.#camera instanceof OrthographicCamera ? Math.min(2, Math.sqrt(this.#camera.zoom)) : 1;
    this.#pass.setLook({
      pixels: pixels * zoom * this.#renderer.getPixelRatio(),
      depthScale: this.#dims === 3 ? this.#camera.position.distanceTo(this.#controls.target) : 0,
      ring: this.#ring,
    });
    this.#renderer.render(this.#scene, this.#camera);
  }

  /** The picture as a canvas of its own: drawn and copied in one task, so no buffer has to be kept. */
  snapshot(background: string): HTMLCanvasElement {
    this.render();
    const copy = document.createElement('canvas');
    copy.width = this.canvas.width;
    copy.height = this.canvas.height;
    const context = copy.getContext('2d');
    if (context !== null) {
      context.fillStyle = background;
      context.fillRect(0, 0, copy.width, copy.height);
      context.drawImage(this.canvas, 0, 0);
    }
    return copy;
  }

  dispose(): void {
    cancelDraw(this.#draw);
    this.#controls.dispose();
    this.#pass.dispose();
    this.#renderer.dispose();
  }

  #useDims(dims: number): void {
    this.#dims = dims;
    this.#controls.dispose();
    this.#camera = dims === 3 ? new PerspectiveCamera(kFieldOfView) : new OrthographicCamera();
    this.#controls = this.#makeControls();
  }

  #makeControls(): OrbitControls {
    const controls = new OrbitControls(this.#camera, this.canvas);
    const isFlat = this.#camera instanceof OrthographicCamera;
    controls.enableRotate = !isFlat;
    controls.screenSpacePanning = true;
    controls.zoomToCursor = true;
    if (isFlat) controls.mouseButtons = { LEFT: MOUSE.PAN, MIDDLE: MOUSE.DOLLY, RIGHT: MOUSE.PAN };
    controls.addEventListener('change', () => this.invalidate());
    controls.addEventListener('start', () => (this.#isTouched = true));
    return controls;
  }

  #applyAspect(): void {
    const aspect = this.#size.width / this.#size.height;
    if (this.#camera instanceof OrthographicCamera) {
      const half = this.#bounds.radius * kAir;
      const [x, y] = aspect >= 1 ? [half * aspect, half] : [half, half / aspect];
      Object.assign(this.#camera, { left: -x, right: x, top: y, bottom: -y, near: -1e5, far: 1e5 });
    } else this.#camera.aspect = aspect;
    this.#camera.updateProjectionMatrix();
  }
}
