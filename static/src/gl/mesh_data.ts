// A mesh as the API sends it, and its colours as a renderer wants them. Pure.

export interface MeshData {
  /** x, y, z of each vertex. */
  readonly vertices: Float32Array;
  /** Three vertices of each triangle; none: a cloud of points. */
  readonly faces: Uint32Array;
  /** Red, green, blue of each vertex; none: one colour for all. */
  readonly colours: Uint8Array;
}

/** A colour for each vertex, whatever was logged. */
export function plainColours(data: MeshData, plain: readonly [number, number, number]): Uint8Array {
  if (data.colours.length === data.vertices.length) return data.colours;
  const colours = new Uint8Array(data.vertices.length);
  for (let i = 0; i < colours.length; i++) colours[i] = plain[i % 3] as number;
  return colours;
}

/** sRGB bytes as linear light (IEC 61966-2-1), in which lit surfaces are shaded. */
export function linearColours(rgb: Uint8Array): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return Float32Array.from(rgb, (byte) => table[byte] as number);
}

/** The camera's vertical field of view in degrees that a mesh's configuration asks for; null: none. */
export function fieldOfView(config: string): number | null {
  try {
    const fov = (JSON.parse(config) as { camera?: { fov?: unknown } } | null)?.camera?.fov;
    return typeof fov === 'number' && fov >= 5 && fov <= 150 ? fov : null;
  } catch {
    return null; // the configuration is free text of the program that logged
  }
}
