// What a pixel of a picture is, from the picture itself.
import { useEffect, useState } from 'preact/hooks';

export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray };

/** Of no picture there are none. */
export function usePixels(url: string | undefined): Pixels | undefined {
  const [pixels, setPixels] = useState<{ url: string; is: Pixels } | undefined>(undefined);
  useEffect(() => {
    if (url === undefined) return undefined;
    let wanted = true;
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      if (!wanted || pen === null || canvas.width === 0) return;
      pen.drawImage(image, 0, 0);
      try {
        setPixels({ url, is: pen.getImageData(0, 0, canvas.width, canvas.height) });
      } catch { /* of a file that is opened from a disk no script may read the pixels */ }
    };
    image.src = url;
    return () => { wanted = false; };
  }, [url]);
  return pixels !== undefined && pixels.url === url ? pixels.is : undefined;
}

/** What of both pictures is known of a pixel. */
export function sayPixels(expected: Pixels | undefined, got: Pixels | undefined, { x, y }: { x: number; y: number }): string {
  const at = `; pixel ${String(x)}, ${String(y)}`;
  return expected === undefined && got === undefined ? at : `${at}: expected ${sayPixel(expected, x, y)}, got ${sayPixel(got, x, y)}`;
}

/** "93" of a grey one, "93 12 255" of a coloured one. */
function sayPixel(pixels: Pixels | undefined, x: number, y: number): string {
  if (pixels === undefined || x >= pixels.width || y >= pixels.height) return '?';
  const at = 4 * (y * pixels.width + x);
  const [r = 0, g = 0, b = 0] = pixels.data.subarray(at, at + 3);
  return r === g && g === b ? String(r) : `${String(r)} ${String(g)} ${String(b)}`;
}
