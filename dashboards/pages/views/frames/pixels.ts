// What a pixel of a picture is, from the picture itself.
import { useEffect, useState } from 'preact/hooks';

export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray };

export function usePixels(url: string): Pixels | undefined {
  const [pixels, setPixels] = useState<{ url: string; is: Pixels } | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      if (!wanted || pen === null || canvas.width === 0) return;
      pen.drawImage(image, 0, 0);
      setPixels({ url, is: pen.getImageData(0, 0, canvas.width, canvas.height) });
    };
    image.src = url;
    return () => { wanted = false; };
  }, [url]);
  return pixels?.url === url ? pixels.is : undefined;
}

/** "93" of a grey one, "93 12 255" of a coloured one. */
export function sayPixel(pixels: Pixels | undefined, x: number, y: number): string {
  if (pixels === undefined || x >= pixels.width || y >= pixels.height) return '?';
  const at = 4 * (y * pixels.width + x);
  const [r = 0, g = 0, b = 0] = pixels.data.subarray(at, at + 3);
  return r === g && g === b ? String(r) : `${String(r)} ${String(g)} ${String(b)}`;
}
