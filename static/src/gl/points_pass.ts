// The one render pass of the projector: round points with a colour, an emphasis and a size of their own.
import { BufferAttribute, BufferGeometry, DynamicDrawUsage, Points, ShaderMaterial, Sphere, Vector3 } from 'three';

/** Emphasis of a point. */
export const kNormal = 0;
export const kFaded = 1;
export const kMarked = 2;

const kVertexShader = /* glsl */ `
  attribute vec3 colour;
  attribute float emphasis;
  uniform float pixels;
  uniform float depthScale;
  varying vec3 vColour;
  varying float vAlpha;
  varying float vMarked;
  void main() {
    vec4 eye = modelViewMatrix * vec4(position, 1.0);
    gl_Position = projectionMatrix * eye;
    vMarked = step(1.5, emphasis);
    float faded = step(0.5, emphasis) * (1.0 - vMarked);
    // depthScale 0 in the plane; in space, points that are nearer look larger.
    float near = depthScale > 0.0 ? clamp(depthScale / max(-eye.z, 1e-6), 0.4, 2.5) : 1.0;
    gl_PointSize = pixels * near * (1.0 + 0.8 * vMarked) + 2.0;
    // Marked points are drawn in front of all others.
    gl_Position.z -= vMarked * 0.01 * gl_Position.w;
    vColour = colour;
    vAlpha = mix(0.88, 0.12, faded);
  }
`;

const kFragmentShader = /* glsl */ `
  uniform vec3 ring;
  varying vec3 vColour;
  varying float vAlpha;
  varying float vMarked;
  void main() {
    float r = length(gl_PointCoord - 0.5) * 2.0;
    float width = fwidth(r);
    float inside = 1.0 - smoothstep(1.0 - 1.5 * width, 1.0, r);
    if (inside <= 0.0) discard;
    float edge = vMarked * smoothstep(0.62, 0.62 + 2.0 * width, r);
    gl_FragColor = vec4(mix(vColour, ring, edge), inside * vAlpha);
  }
`;

export class PointsPass {
  readonly points: Points<BufferGeometry, ShaderMaterial>;
  #count = 0;

  constructor() {
    const material = new ShaderMaterial({
      vertexShader: kVertexShader,
      fragmentShader: kFragmentShader,
      uniforms: { pixels: { value: 5 }, depthScale: { value: 0 }, ring: { value: new Vector3(0, 0, 0) } },
      transparent: true,
      depthTest: true,
      depthWrite: false,
    });
    this.points = new Points(new BufferGeometry(), material);
    // Bounds are ours: three would walk over all points after every frame of a running t-SNE.
    this.points.frustumCulled = false;
    this.points.geometry.boundingSphere = new Sphere(new Vector3(), Infinity);
  }

  get count(): number {
    return this.#count;
  }

  /** Uploads positions; buffers are made anew only when the number of points changes. */
  setPositions(triples: Float32Array): void {
    const count = triples.length / 3;
    const { geometry } = this.points;
    if (count !== this.#count) {
      this.#count = count;
      for (const [name, attribute] of [
        ['position', new BufferAttribute(new Float32Array(count * 3), 3)],
        ['colour', new BufferAttribute(new Uint8Array(count * 3), 3, true)],
        ['emphasis', new BufferAttribute(new Float32Array(count), 1)],
      ] as const) {
        attribute.setUsage(DynamicDrawUsage);
        geometry.setAttribute(name, attribute);
      }
      geometry.setDrawRange(0, count);
    }
    this.#write('position', triples);
  }

  setColours(rgb: Uint8Array): void {
    this.#write('colour', rgb);
  }

  setEmphasis(emphasis: Float32Array): void {
    this.#write('emphasis', emphasis);
  }

  setLook(look: { pixels: number; depthScale: number; ring: readonly [number, number, number] }): void {
    const uniforms = this.points.material.uniforms;
    uniforms['pixels']!.value = look.pixels;
    uniforms['depthScale']!.value = look.depthScale;
    (uniforms['ring']!.value as Vector3).set(look.ring[0] / 255, look.ring[1] / 255, look.ring[2] / 255);
  }

  dispose(): void {
    this.points.geometry.dispose();
    this.points.material.dispose();
  }

  #write(name: string, values: ArrayLike<number>): void {
    const attribute = this.points.geometry.getAttribute(name) as BufferAttribute | undefined;
    if (attribute === undefined || attribute.array.length !== values.length) return;
    attribute.array.set(values);
    attribute.needsUpdate = true;
  }
}
