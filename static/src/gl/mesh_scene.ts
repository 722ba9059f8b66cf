// A mesh or a cloud of points with a camera that orbits around it. Draws only when something changed.
// Owns its GPU resources; call dispose().
import {
  AmbientLight,
  BufferAttribute,
  BufferGeometry,
  DirectionalLight,
  DoubleSide,
  Mesh,
  MeshLambertMaterial,
  PerspectiveCamera,
  Scene,
  Spherical,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { cancelDraw, requestDraw } from '../base/frame';
import { boundsOf, pointSize, reachFrom, type Bounds } from './fit';
import { linearColours, plainColours, type MeshData } from './mesh_data';
import { PointsPass } from './points_pass';

/** Air around the mesh. */
const kAir = 1.06;
const kDefaultFieldOfView = 45;

export class MeshScene {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(kDefaultFieldOfView);
  readonly #controls: OrbitControls;
  readonly #surface = new Mesh(
    new BufferGeometry(),
    new MeshLambertMaterial({ vertexColors: true, side: DoubleSide, flatShading: true }),
  );
  readonly #points = new PointsPass();
  readonly #lamp = new DirectionalLight(0xffffff, 2.2);
  #bounds: Bounds = { centre: [0, 0, 0], radius: 1 };
  #isTouched = false;
  #size = { width: 1, height: 1 };
  readonly #draw = () => this.render();

  /** Throws where the browser has no WebGL at all. */
  constructor(canvas: HTMLCanvasElement) {
    this.#renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.#renderer.setClearColor(0, 0);
    this.#scene.add(this.#surface, this.#points.points, new AmbientLight(0xffffff, 1.1), this.#lamp);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.screenSpacePanning = true;
    this.#controls.enableZoom = false;
    canvas.addEventListener('webglcontextrestored', () => this.invalidate());
    this.#controls.addEventListener('change', () => this.invalidate());
    this.#controls.addEventListener('start', () => (this.#isTouched = true));
  }

  resize(width: number, height: number): void {
    if (width < 1 || height < 1) return;
    this.#size = { width, height };
    this.#renderer.setPixelRatio(Math.min(2, window.devicePixelRatio || 1));
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
    if (!this.#isTouched) this.fit();
    this.invalidate();
  }

  /** The wheel scrolls the page until a user has chosen this picture. */
  setWheel(isZooming: boolean): void {
    this.#controls.enableZoom = isZooming;
  }

  /** Another mesh; the camera stays where the user has put it. `plain` colours what has none. */
  setMesh(data: MeshData, plain: readonly [number, number, number]): void {
    const isCloud = data.faces.length === 0;
    const { centre } = boundsOf(data.vertices);
    this.#bounds = { centre, radius: reachFrom(data.vertices, centre) };
    this.#surface.visible = !isCloud;
    this.#points.points.visible = isCloud;
    if (isCloud) {
      this.#points.setPositions(data.vertices);
      this.#points.setColours(plainColours(data, plain));
    } else {
      const geometry = new BufferGeometry();
      geometry.setAttribute('position', new BufferAttribute(data.vertices, 3));
      geometry.setAttribute('color', new BufferAttribute(linearColours(plainColours(data, plain)), 3));
      geometry.setIndex(new BufferAttribute(data.faces, 1));
      geometry.computeVertexNormals();
      this.#surface.geometry.dispose();
      this.#surface.geometry = geometry;
      this.#surface.frustumCulled = false;
    }
    if (!this.#isTouched) this.fit();
    this.invalidate();
  }

  setFieldOfView(degrees: number | null): void {
    this.#camera.fov = degrees ?? kDefaultFieldOfView;
    this.#camera.updateProjectionMatrix();
    if (!this.#isTouched) this.fit();
  }

  /** Back to the whole mesh. */
  fit(): void {
    this.#isTouched = false;
    const { centre, radius } = this.#bounds;
    // A portrait picture is narrower than the vertical field of view.
    const half = Math.tan((this.#camera.fov * Math.PI) / 360) * Math.min(1, this.#camera.aspect);
    // So far that the sphere around all vertices touches the edges of the view.
    const distance = (radius * kAir) / Math.sin(Math.atan(half));
    this.#controls.target.set(...centre);
    const direction = new Vector3(0.6, 0.45, 1).normalize();
    this.#camera.position.set(...centre).addScaledVector(direction, distance);
    this.#camera.near = distance / 1000;
    this.#camera.far = distance * 1000;
    this.#camera.updateProjectionMatrix();
    this.#controls.update();
    this.invalidate();
  }

  /** Turns the camera around the mesh by angles in radians, and moves it nearer (`zoom` > 1) or away. */
  orbit(right: number, up: number, zoom = 1): void {
    this.#isTouched = true;
    const offset = this.#camera.position.clone().sub(this.#controls.target);
    const at = new Spherical().setFromVector3(offset);
    at.theta += right;
    at.phi -= up;
    at.radius /= zoom;
    at.makeSafe();
    this.#camera.position.copy(this.#controls.target).add(offset.setFromSpherical(at));
    this.#controls.update();
    this.invalidate();
  }

  invalidate(): void {
    requestDraw(this.#draw);
  }

  render(): void {
    const { width, height } = this.#size;
    this.#lamp.position.copy(this.#camera.position);
    this.#lamp.target.position.copy(this.#controls.target);
    this.#lamp.target.updateMatrixWorld();
    this.#points.setLook({
      pixels: pointSize(this.#points.count, width, height) * this.#renderer.getPixelRatio(),
      depthScale: this.#camera.position.distanceTo(this.#controls.target),
      ring: [0, 0, 0],
    });
    this.#renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    cancelDraw(this.#draw);
    this.#controls.dispose();
    this.#surface.geometry.dispose();
    this.#surface.material.dispose();
    this.#points.dispose();
    this.#renderer.dispose();
    // A page of many cards makes and drops many pictures; browsers keep about 16 contexts alive.
    this.#renderer.forceContextLoss();
  }
}
