// Thumbnails on points, from one image that holds those of all rows (a sprite): one draw call over a part of the
// points. Which ones is chosen once the picture stands still; until then they stay on theirs and move with them.
import {
  BufferAttribute,
  BufferGeometry,
  NearestFilter,
  Points,
  ShaderMaterial,
  Sphere,
  Texture,
  Vector2,
  Vector3,
} from 'three';
import { chooseThumbnails, type ThumbnailTask } from './thumbnail_choice';

const kVertexShader = /* glsl */ `
  attribute vec3 next;
  attribute vec3 colour;
  attribute vec2 cell;
  uniform float blend;
  uniform float pixels;
  varying vec3 vColour;
  varying vec2 vCell;
  void main() {
    gl_Position = projectionMatrix * modelViewMatrix * vec4(mix(position, next, blend), 1.0);
    gl_PointSize = pixels;
    vColour = colour;
    vCell = cell;
  }
`;

const kFragmentShader = /* glsl */ `
  uniform sampler2D atlas;
  uniform vec2 span;
  uniform vec2 scale;
  uniform float pixels;
  varying vec3 vColour;
  varying vec2 vCell;
  void main() {
    // A thumbnail that is not square stands in the middle of the square of its point.
    vec2 at = (gl_PointCoord - 0.5) * scale + 0.5;
    vec2 margin = (0.5 - abs(at - 0.5)) * pixels / scale;
    if (min(margin.x, margin.y) < 0.0) discard;
    bool isFrame = min(margin.x, margin.y) < 1.5;
    gl_FragColor = vec4(isFrame ? vColour : texture2D(atlas, vCell + at * span).rgb, 1.0);
  }
`;

export interface Atlas {
  readonly image: HTMLImageElement;
  /** Of one thumbnail, in pixels of the image. */
  readonly width: number;
  readonly height: number;
}

/** The image as the GPU takes it: smaller where it is larger than a texture may be. */
function fitted(image: HTMLImageElement, most: number): HTMLImageElement | HTMLCanvasElement {
  const scale = Math.min(1, most / Math.max(image.naturalWidth, image.naturalHeight));
  if (scale === 1) return image;
  const canvas = document.createElement('canvas');
  canvas.width = Math.floor(image.naturalWidth * scale);
  canvas.height = Math.floor(image.naturalHeight * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export class Thumbnails {
  readonly points: Points<BufferGeometry, ShaderMaterial>;
  #atlas: Atlas | null = null;
  #rows: Uint32Array = new Uint32Array(0);

  constructor() {
    const material = new ShaderMaterial({
      vertexShader: kVertexShader,
      fragmentShader: kFragmentShader,
      uniforms: {
        atlas: { value: null },
        span: { value: new Vector2() },
        scale: { value: new Vector2() },
        blend: { value: 0 },
        pixels: { value: 32 },
      },
      depthTest: false,
      transparent: true,
    });
    this.points = new Points(new BufferGeometry(), material);
    this.points.frustumCulled = false;
    this.points.geometry.boundingSphere = new Sphere(new Vector3(), Infinity);
    this.points.renderOrder = 1;
    this.points.visible = false;
  }

  get isOn(): boolean {
    return this.#atlas !== null;
  }

  setAtlas(atlas: Atlas | null, textureMax: number): void {
    if (atlas?.image === this.#atlas?.image) return;
    const uniforms = this.points.material.uniforms;
    (uniforms['atlas']!.value as Texture | null)?.dispose();
    uniforms['atlas']!.value = null;
    this.#atlas = atlas;
    this.points.visible = false;
    if (atlas === null) return;
    const texture = new Texture(fitted(atlas.image, textureMax));
    texture.flipY = false;
    texture.generateMipmaps = false;
    texture.minFilter = texture.magFilter = NearestFilter;
    texture.needsUpdate = true;
    uniforms['atlas']!.value = texture;
    (uniforms['span']!.value as Vector2).set(
      atlas.width / atlas.image.naturalWidth,
      atlas.height / atlas.image.naturalHeight,
    );
    const side = Math.max(atlas.width, atlas.height);
    (uniforms['scale']!.value as Vector2).set(side / atlas.width, side / atlas.height);
  }

  /** Chooses anew which points have one, and how large it is (device pixels). */
  choose(task: ThumbnailTask, rgb: Uint8Array, pixels: number): void {
    if (this.#atlas === null) return;
    this.#rows = chooseThumbnails(task);
    this.points.material.uniforms['pixels']!.value = pixels;
    this.points.visible = this.#rows.length > 0;
    this.#place(task);
    const colours = new Uint8Array(this.#rows.length * 3);
    this.#rows.forEach((row, i) => colours.set(rgb.subarray(3 * row, 3 * row + 3), 3 * i));
    this.points.geometry.setAttribute('colour', new BufferAttribute(colours, 3, true));
    this.points.geometry.setAttribute('cell', new BufferAttribute(this.#cells(), 2));
  }

  /** The chosen points at their new places. */
  move(task: Pick<ThumbnailTask, 'triples' | 'next'>): void {
    if (this.points.visible) this.#place(task);
  }

  setBlend(blend: number): void {
    this.points.material.uniforms['blend']!.value = blend;
  }

  dispose(): void {
    this.setAtlas(null, 0);
    this.points.geometry.dispose();
    this.points.material.dispose();
  }

  #place({ triples, next }: Pick<ThumbnailTask, 'triples' | 'next'>): void {
    for (const [name, from] of [
      ['position', triples],
      ['next', next ?? triples],
    ] as const) {
      const places = new Float32Array(this.#rows.length * 3);
      this.#rows.forEach((row, i) => places.set(from.subarray(3 * row, 3 * row + 3), 3 * i));
      this.points.geometry.setAttribute(name, new BufferAttribute(places, 3));
    }
    this.points.geometry.setDrawRange(0, this.#rows.length);
  }

  #cells(): Float32Array {
    const { image, width, height } = this.#atlas as Atlas;
    const perLine = Math.max(1, Math.floor(image.naturalWidth / width));
    const cells = new Float32Array(this.#rows.length * 2);
    this.#rows.forEach((row, i) => {
      cells[2 * i] = ((row % perLine) * width) / image.naturalWidth;
      cells[2 * i + 1] = (Math.floor(row / perLine) * height) / image.naturalHeight;
    });
    return cells;
  }
}
