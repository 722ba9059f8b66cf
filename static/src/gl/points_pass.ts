// The one render pass of the projector: round points with a colour, an emphasis and a size of their own, all in
// one draw call. Between two key frames the GPU moves the points.
import { BufferAttribute, BufferGeometry, DynamicDrawUsage, Points, ShaderMaterial, Sphere, Vector3 } from 'three';
import { kFaded, kHidden, kMarked } from './emphasis';
import type { PackedPositions } from './pack';

const kVertexShader = /* glsl */ `
  attribute vec3 next;
  attribute vec4 look; // colour and emphasis: GPUs convert what is not a multiple of 4 bytes first
  uniform vec3 low;
  uniform vec3 span;
  uniform vec3 nextLow;
  uniform vec3 nextSpan;
  uniform float blend;
  uniform float pixels;
  uniform float depthScale;
  uniform float opacity;
  varying vec3 vColour;
  varying float vAlpha;
  varying float vMarked;
  void main() {
    vec3 place = mix(low + position * span, nextLow + next * nextSpan, blend);
    vec4 eye = modelViewMatrix * vec4(place, 1.0);
    gl_Position = projectionMatrix * eye;
    float emphasis = look.a * 255.0;
    float hidden = step(2.5, emphasis);
    vMarked = step(1.5, emphasis) * (1.0 - hidden);
    float faded = step(0.5, emphasis) * (1.0 - vMarked);
    // depthScale 0 in the plane; in space, points that are nearer look larger.
    float near = depthScale > 0.0 ? clamp(depthScale / max(-eye.z, 1e-6), 0.4, 2.5) : 1.0;
    gl_PointSize = pixels * near * (1.0 + 0.8 * vMarked) + 2.0;
    // Marked points are drawn in front of all others; hidden ones behind the far plane, where none is drawn.
    gl_Position.z -= vMarked * 0.01 * gl_Position.w;
    if (hidden > 0.5) gl_Position = vec4(0.0, 0.0, 2.0, 1.0);
    vColour = look.rgb;
    vAlpha = vMarked > 0.5 ? 0.95 : mix(opacity, 0.12 * opacity, faded);
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

type Values = Uint16Array | Float32Array;

export interface PointsLook {
  /** Device pixels across a point. */
  readonly pixels: number;
  readonly depthScale: number;
  readonly ring: readonly [number, number, number];
  readonly opacity?: number;
  /** Points hide what is behind them; where they are many and light, all shine through. */
  readonly isSolid?: boolean;
}

/**
 * The first `most` of all rows in an order of which every part from the first on is spread evenly over the table: steps
 * of the golden section, taken round and round, come to each row once where step and count share no factor.
 */
export function spreadRows(count: number, most = count): Uint32Array {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, Math.round(count * 0.6180339887));
  while (divisor(step, count) > 1) step++;
  const rows = new Uint32Array(most);
  for (let i = 0, row = 0; i < most; i++, row = (row + step) % count) rows[i] = row;
  return rows;
}

export class PointsPass {
  readonly points: Points<BufferGeometry, ShaderMaterial>;
  #count = 0;
  /** As many of the rows of `#spreadOf`, spread evenly, as were asked for. */
  #spread: BufferAttribute | null = null;
  #spreadOf = 0;
  /** Red, green, blue and emphasis of each point, and what they were filled from. */
  #look = new BufferAttribute(new Uint8Array(0), 4, true);
  #colours: Uint8Array | null = null;
  #emphasis: Uint8Array | null = null;
  #isMarked = false;
  /** What each buffer was filled from: the same again needs no upload. */
  readonly #sources = new WeakMap<BufferAttribute, Values>();

  constructor() {
    const vector = () => ({ value: new Vector3(0, 0, 0) });
    const material = new ShaderMaterial({
      vertexShader: kVertexShader,
      fragmentShader: kFragmentShader,
      uniforms: {
        pixels: { value: 5 },
        depthScale: { value: 0 },
        opacity: { value: 0.88 },
        blend: { value: 0 },
        ring: vector(),
        low: vector(),
        span: vector(),
        nextLow: vector(),
        nextSpan: vector(),
      },
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

  /** Places as floats, for pictures that are looked at closely. */
  setPositions(triples: Float32Array): void {
    this.#resize(triples.length / 3);
    this.#set('position', triples, 3, false);
    this.#alias();
    this.#setVector('low', [0, 0, 0]);
    this.#setVector('span', [1, 1, 1]);
  }

  /** Places on 16 bits per axis; `next` is the key frame that `setBlend` moves towards. */
  setPacked(from: PackedPositions, next: PackedPositions | null): void {
    this.#resize(from.values.length / from.size);
    this.#swapIfNext(from.values);
    this.#set('position', from.values, from.size, true);
    this.#setVector('low', from.low);
    this.#setVector('span', from.span);
    if (next !== null && next.values.length === from.values.length) {
      this.#set('next', next.values, next.size, true);
      this.#setVector('nextLow', next.low);
      this.#setVector('nextSpan', next.span);
    } else {
      this.#alias();
      this.setBlend(0);
    }
  }

  /** 0 the first key frame, 1 the next. */
  setBlend(blend: number): void {
    this.points.material.uniforms['blend']!.value = blend;
  }

  setColours(rgb: Uint8Array): void {
    if (rgb === this.#colours || rgb.length !== this.#count * 3) return;
    this.#colours = rgb;
    const look = this.#look.array;
    for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
      look[to] = rgb[from]!;
      look[to + 1] = rgb[from + 1]!;
      look[to + 2] = rgb[from + 2]!;
    }
    this.#look.needsUpdate = true;
  }

  setEmphasis(emphasis: Uint8Array): void {
    if (emphasis === this.#emphasis || emphasis.length !== this.#count) return;
    this.#emphasis = emphasis;
    // Mostly nothing is marked, before and now: to find that out is quicker than to write it a million times.
    const wasMarked = this.#isMarked;
    this.#isMarked = [kFaded, kMarked, kHidden].some((mark) => emphasis.includes(mark));
    if (!this.#isMarked && !wasMarked) return;
    const look = this.#look.array;
    for (let row = 0; row < emphasis.length; row++) look[4 * row + 3] = emphasis[row]!;
    this.#look.needsUpdate = true;
  }

  /** Draws a part of the points, spread evenly over the table; 1: all. */
  setShare(share: number): void {
    const { geometry } = this.points;
    const shown = share < 1 ? Math.ceil(this.#count * share) : this.#count;
    if (share < 1 && (this.#spreadOf !== this.#count || (this.#spread?.count ?? 0) < shown)) {
      this.#spread = new BufferAttribute(spreadRows(this.#count, shown), 1);
      this.#spreadOf = this.#count;
    }
    geometry.setIndex(share < 1 ? this.#spread : null);
    geometry.setDrawRange(0, shown);
  }

  setLook(look: PointsLook): void {
    const uniforms = this.points.material.uniforms;
    uniforms['pixels']!.value = look.pixels;
    uniforms['depthScale']!.value = look.depthScale;
    uniforms['opacity']!.value = look.opacity ?? 0.88;
    this.points.material.depthWrite = look.isSolid ?? false;
    this.#setVector('ring', [look.ring[0] / 255, look.ring[1] / 255, look.ring[2] / 255]);
  }

  dispose(): void {
    this.points.geometry.dispose();
    this.points.material.dispose();
  }

  #resize(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#colours = this.#emphasis = null;
    this.#isMarked = false;
    this.#look = new BufferAttribute(new Uint8Array(count * 4), 4, true);
    this.#look.setUsage(DynamicDrawUsage);
    this.points.geometry.setAttribute('look', this.#look);
    this.points.geometry.setDrawRange(0, count);
  }

  /** A buffer is kept while type and length stay: a running t-SNE sends ten frames a second. */
  #set(name: string, values: Values, size: number, isNormalized: boolean): void {
    const { geometry } = this.points;
    const old = geometry.getAttribute(name) as BufferAttribute | undefined;
    const isSame =
      old !== undefined &&
      old.array.constructor === values.constructor &&
      old.array.length === values.length &&
      old.itemSize === size;
    if (isSame && !(name === 'next' && old === geometry.getAttribute('position'))) {
      if (this.#sources.get(old) === values) return;
      old.array.set(values);
      old.needsUpdate = true;
      this.#sources.set(old, values);
      return;
    }
    const attribute = new BufferAttribute(values.slice(), size, isNormalized);
    attribute.setUsage(DynamicDrawUsage);
    this.#sources.set(attribute, values);
    geometry.setAttribute(name, attribute);
  }

  /** The next key frame has become the one that points come from: its buffer is on the GPU already. */
  #swapIfNext(values: Values): void {
    const { geometry } = this.points;
    const [position, next] = [geometry.getAttribute('position'), geometry.getAttribute('next')] as (
      BufferAttribute | undefined
    )[];
    if (position === undefined || next === undefined || position === next || this.#sources.get(next) !== values) return;
    geometry.setAttribute('position', next);
    geometry.setAttribute('next', position);
  }

  /** Without a next key frame the shader reads the same buffer twice. */
  #alias(): void {
    this.points.geometry.setAttribute('next', this.points.geometry.getAttribute('position'));
  }

  #setVector(name: string, [x, y, z]: readonly [number, number, number]): void {
    (this.points.material.uniforms[name]!.value as Vector3).set(x, y, z);
  }
}
