// Lines between points that follow each other, as the steps of a path do. They end where the points are, on the same
// buffers, so that the GPU moves both alike.
import { BufferAttribute, BufferGeometry, LineSegments, ShaderMaterial, Sphere, Vector3 } from 'three';
import type { PointsPass } from './points_pass';

const kVertexShader = /* glsl */ `
  attribute vec3 next;
  attribute vec4 look;
  uniform vec3 low;
  uniform vec3 span;
  uniform vec3 nextLow;
  uniform vec3 nextSpan;
  uniform float blend;
  varying vec3 vColour;
  varying float vAlpha;
  varying float vHidden;
  void main() {
    vec3 place = mix(low + position * span, nextLow + next * nextSpan, blend);
    gl_Position = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
    float emphasis = look.a * 255.0;
    vHidden = step(2.5, emphasis);
    vColour = look.rgb;
    vAlpha = mix(0.5, 0.06, step(0.5, emphasis) * (1.0 - step(1.5, emphasis)));
  }
`;

const kFragmentShader = /* glsl */ `
  varying vec3 vColour;
  varying float vAlpha;
  varying float vHidden;
  void main() {
    if (vHidden > 0.0) discard; // one of the ends is
    gl_FragColor = vec4(vColour, vAlpha);
  }
`;

const kShared = ['low', 'span', 'nextLow', 'nextSpan', 'blend'];

export class LinesPass {
  readonly lines: LineSegments<BufferGeometry, ShaderMaterial>;
  readonly #pass: PointsPass;
  /** The highest row that a line ends at; -1: there are no lines. */
  #last = -1;

  constructor(pass: PointsPass) {
    this.#pass = pass;
    const { uniforms } = pass.points.material;
    const material = new ShaderMaterial({
      vertexShader: kVertexShader,
      fragmentShader: kFragmentShader,
      uniforms: Object.fromEntries(kShared.map((name) => [name, uniforms[name]!])),
      transparent: true,
      depthWrite: false,
    });
    this.lines = new LineSegments(new BufferGeometry(), material);
    this.lines.renderOrder = -1; // behind the points
    this.lines.frustumCulled = false;
    this.lines.geometry.boundingSphere = new Sphere(new Vector3(), Infinity);
    this.lines.visible = false;
  }

  /** A row and the one that it leads to, one pair after the other. */
  setPairs(pairs: Uint32Array): void {
    this.#last = pairs.reduce((last, row) => Math.max(last, row), -1);
    this.lines.geometry.setIndex(new BufferAttribute(pairs, 1));
  }

  /** Before each picture: the points may have other buffers than before. */
  follow(isShown: boolean): void {
    this.lines.visible = isShown && this.#last >= 0 && this.#last < this.#pass.count;
    if (!this.lines.visible) return;
    for (const name of ['position', 'next', 'look'])
      this.lines.geometry.setAttribute(name, this.#pass.points.geometry.getAttribute(name));
  }

  dispose(): void {
    this.lines.geometry.dispose();
    this.lines.material.dispose();
  }
}
