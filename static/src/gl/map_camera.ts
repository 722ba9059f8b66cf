// From where a map is looked at: a flat camera with pan and zoom, or in space one that orbits. It shows the whole cloud
// until the user moves it. Listens to the canvas; call dispose().
import { Matrix4, MOUSE, OrthographicCamera, PerspectiveCamera, Vector3 } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { formatCamera } from './camera';
import type { Bounds } from './fit';
import { eyeOf, fillingDistance, halfSide, kFieldOfView } from './view';

export interface CameraHooks {
  /** What is seen has changed, by hand or not. */
  readonly moved: () => void;
  /** The user has moved it; as text for a link (gl/camera.ts). */
  readonly told: (camera: string) => void;
}

export class MapCamera {
  #camera: OrthographicCamera | PerspectiveCamera = new OrthographicCamera();
  #controls: OrbitControls;
  #dims = 2;
  #aspect = 1;
  #bounds: Bounds = { centre: [0, 0, 0], radius: 1 };
  #isTouched = false;
  #isHeld = false;
  #isDragging = true;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly hooks: CameraHooks,
  ) {
    this.#controls = this.#makeControls();
  }

  /** For the renderer. */
  get view(): OrthographicCamera | PerspectiveCamera {
    return this.#camera;
  }
  get dims(): number {
    return this.#dims;
  }
  /** Moved by the user, or where a link says. */
  get isTouched(): boolean {
    return this.#isTouched;
  }
  /** The pointer drags it. */
  get isHeld(): boolean {
    return this.#isHeld;
  }
  /** 1: the plane as a whole; in space always. */
  get zoom(): number {
    return this.#camera instanceof OrthographicCamera ? this.#camera.zoom : 1;
  }
  /** From the eye to what it looks at. */
  get distance(): number {
    return this.#camera.position.distanceTo(this.#controls.target);
  }

  /** Projection times view, column-major. */
  matrix(): number[] {
    this.#camera.updateMatrixWorld();
    return new Matrix4().multiplyMatrices(this.#camera.projectionMatrix, this.#camera.matrixWorldInverse).elements;
  }

  /** Another camera, that `show` has still to point. */
  useDims(dims: number): void {
    this.#dims = dims;
    this.#controls.dispose();
    this.#camera = dims === 3 ? new PerspectiveCamera(kFieldOfView) : new OrthographicCamera();
    this.#controls = this.#makeControls();
  }

  resize(aspect: number): void {
    this.#aspect = aspect;
    this.#applyAspect();
  }

  /** All of a cloud. */
  show(bounds: Bounds): void {
    this.#isTouched = false;
    this.#bounds = bounds;
    this.#controls.target.fromArray(bounds.centre);
    this.#camera.position.fromArray(eyeOf(bounds, this.#dims));
    if (this.#camera instanceof OrthographicCamera) this.#camera.zoom = 1;
    else {
      this.#camera.near = fillingDistance(bounds) / 1000;
      this.#camera.far = fillingDistance(bounds) * 1000;
    }
    this.#applyAspect();
    this.#controls.update();
  }

  /** Where `parseCamera` says; the cloud is shown before, so that the plane has its size. */
  look(numbers: readonly number[]): void {
    this.#isTouched = true;
    const [x, y, z] = numbers as [number, number, number];
    if (this.#camera instanceof OrthographicCamera) this.#camera.zoom = this.#camera.top / z;
    this.#camera.position.set(x, y, this.#dims === 3 ? z : 10);
    this.#controls.target.fromArray(this.#dims === 3 ? numbers.slice(3) : [x, y, 0]);
    this.#camera.updateProjectionMatrix();
    this.#controls.update();
  }

  /** By keys: shares of the picture to the right and up, and a zoom factor. */
  move(right: number, up: number, zoom: number): void {
    this.#isTouched = true;
    const sideways = new Vector3().setFromMatrixColumn(this.#camera.matrix, 0);
    const upwards = new Vector3().setFromMatrixColumn(this.#camera.matrix, 1);
    const reach = this.#bounds.radius / this.zoom;
    const shift = sideways.multiplyScalar(right * reach).addScaledVector(upwards, up * reach);
    this.#controls.target.add(shift);
    this.#camera.position.add(shift);
    if (this.#camera instanceof OrthographicCamera) this.#camera.zoom *= zoom;
    else this.#camera.position.sub(this.#controls.target).divideScalar(zoom).add(this.#controls.target);
    this.#camera.updateProjectionMatrix();
    this.#controls.update();
    this.hooks.told(this.#text());
  }

  /** While something is drawn on the picture, dragging is not for the camera. */
  setDragging(isDragging: boolean): void {
    this.#isDragging = isDragging;
    this.#controls.enabled = isDragging;
  }

  dispose(): void {
    this.#controls.dispose();
  }

  #text(): string {
    const { position } = this.#camera;
    const flat = this.#camera instanceof OrthographicCamera ? this.#camera : null;
    return formatCamera(
      flat !== null
        ? [position.x, position.y, flat.top / flat.zoom]
        : [...position.toArray(), ...this.#controls.target.toArray()],
    );
  }

  #makeControls(): OrbitControls {
    const controls = new OrbitControls(this.#camera, this.canvas);
    controls.enabled = this.#isDragging;
    const isFlat = this.#camera instanceof OrthographicCamera;
    controls.enableRotate = !isFlat;
    controls.screenSpacePanning = true;
    controls.zoomToCursor = true;
    if (isFlat) controls.mouseButtons = { LEFT: MOUSE.PAN, MIDDLE: MOUSE.DOLLY, RIGHT: MOUSE.PAN };
    controls.addEventListener('change', () => this.hooks.moved());
    controls.addEventListener('start', () => (this.#isTouched = this.#isHeld = true));
    controls.addEventListener('end', () => {
      this.#isHeld = false;
      this.hooks.moved();
      this.hooks.told(this.#text());
    });
    return controls;
  }

  #applyAspect(): void {
    if (this.#camera instanceof OrthographicCamera) {
      const half = halfSide(this.#bounds);
      const [x, y] = this.#aspect >= 1 ? [half * this.#aspect, half] : [half, half / this.#aspect];
      Object.assign(this.#camera, { left: -x, right: x, top: y, bottom: -y, near: -1e5, far: 1e5 });
    } else this.#camera.aspect = this.#aspect;
    this.#camera.updateProjectionMatrix();
  }
}
