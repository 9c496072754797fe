/*
 * Reads a picture out of an image of bytes and puts it into a buffer: every byte of a plane as it is, four to a word, or the picture as RGB. The
 * same arithmetic as in sample.c, and for the same reason in integers.
 */
#version 450

layout(local_size_x = 16, local_size_y = 16) in;
layout(constant_id = 0) const int format = 0;		/* enum picture_format */
layout(constant_id = 1) const bool rgb = false;

layout(binding = 0) uniform sampler2D bytes;
layout(std430, binding = 1) writeonly buffer Pixels { uint pixel[]; };

layout(push_constant) uniform Push {			/* struct push in sample-venus.c */
	ivec4 begin, stride;				/* of each plane, in bytes */
	int pitch;					/* of the image */
	int plane, width, height;			/* what is read: the plane and its bytes, or the picture and its pixels */
	int columns, first_row;				/* words per row of the buffer; where to begin in it */
	int shift, black, grey, ky, rv, gu, gv, bu;	/* colour.h */
};

const int I420 = 0, NV12 = 1, P010 = 2, XRGB8888 = 3;

int texel(int p, ivec2 at)
{
	int offset = begin[p] + at.y * stride[p] + at.x;

	return int(round(texelFetch(bytes, ivec2(offset % pitch, offset / pitch), 0).r * 255.0));
}

int ten(int p, ivec2 at)
{
	return (texel(p, at) + 256 * texel(p, at + ivec2(1, 0))) >> 6;
}

ivec3 samples(ivec2 at)
{
	ivec2 c = at >> 1;

	if (format == I420)
		return ivec3(texel(0, at), texel(1, c), texel(2, c));
	if (format == NV12)
		return ivec3(texel(0, at), texel(1, c * ivec2(2, 1)), texel(1, c * ivec2(2, 1) + ivec2(1, 0)));
	return ivec3(ten(0, at * ivec2(2, 1)), ten(1, c * ivec2(4, 1)), ten(1, c * ivec2(4, 1) + ivec2(2, 0)));
}

ivec3 colour(ivec2 at)
{
	if (format == XRGB8888) {
		ivec2 b = at * ivec2(4, 1);

		return ivec3(texel(0, b + ivec2(2, 0)), texel(0, b + ivec2(1, 0)), texel(0, b));
	}
	ivec3 s = samples(at);
	int c = ky * (s.x - black) + (1 << (shift - 1)), d = s.y - grey, e = s.z - grey;

	return clamp(ivec3(c + rv * e, c - gu * d - gv * e, c + bu * d) >> shift, 0, 255);
}

uint word(ivec4 b)
{
	return uint(b.x) | uint(b.y) << 8 | uint(b.z) << 16 | uint(b.w) << 24;
}

int byte_at(ivec2 at)
{
	return at.x < width ? texel(plane, at) : 0;
}

void main()
{
	ivec2 at = ivec2(gl_GlobalInvocationID.xy);
	int to = (first_row + at.y) * columns + at.x;

	if (at.y >= height || at.x >= (rgb ? width : (width + 3) / 4))
		return;
	if (rgb) {
		pixel[to] = word(ivec4(colour(at), 255));
		return;
	}
	at.x *= 4;
	pixel[to] = word(ivec4(byte_at(at), byte_at(at + ivec2(1, 0)), byte_at(at + ivec2(2, 0)), byte_at(at + ivec2(3, 0))));
}
