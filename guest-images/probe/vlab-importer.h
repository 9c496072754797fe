/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The test importer of dma-bufs: one ioctl, whose answers are numbers.
 *
 * The ioctl itself fails only for a call that makes no sense. What an exporter
 * or the DMA API made of a call is in error and step.
 */
#ifndef _UAPI_LINUX_VLAB_IMPORTER_H
#define _UAPI_LINUX_VLAB_IMPORTER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VLAB_IMPORTER_VERSION	1

/* Values of op. */
#define VLAB_IMPORTER_INFO	0	/* features; no dma-buf is looked at */
#define VLAB_IMPORTER_CONTROL	1	/* attach, map, walk the pages, vmap */
#define VLAB_IMPORTER_MAP_TWICE	2	/* two mappings of one attachment */
#define VLAB_IMPORTER_UUID	3	/* asked twice */
#define VLAB_IMPORTER_HOST_ID	4	/* the field of struct dma_buf */
#define VLAB_IMPORTER_RESOURCE_ID 5	/* the helper of virtio_dma_buf */
#define VLAB_IMPORTER_HOLD	6	/* attach and map, until token is released */
#define VLAB_IMPORTER_RELEASE	7
#define VLAB_IMPORTER_DYNAMIC	8	/* CONTROL, as a dynamic importer */
#define VLAB_IMPORTER_EDU_WRITE	9	/* bytes at user, by DMA, to offset */
#define VLAB_IMPORTER_EDU_MAP	10	/* CONTROL, attached to the edu device */
#define VLAB_IMPORTER_PEEK	11	/* guest-physical memory at offset, to user */

/* Bits of features. */
#define VLAB_IMPORTER_HAS_HOST_ID	(1 << 0)
#define VLAB_IMPORTER_HAS_RESOURCE_ID	(1 << 1)
#define VLAB_IMPORTER_HAS_EDU		(1 << 2)

/* Values of step. */
#define VLAB_IMPORTER_GET	1
#define VLAB_IMPORTER_ATTACH	2
#define VLAB_IMPORTER_MAP	3
#define VLAB_IMPORTER_VMAP	4
#define VLAB_IMPORTER_ASK	5
#define VLAB_IMPORTER_FIND	6	/* the offset, in the table */
#define VLAB_IMPORTER_GUARD	7	/* a made-up address, too high to write to */
#define VLAB_IMPORTER_DMA	8

/* At most so many bytes are moved by one call. */
#define VLAB_IMPORTER_MAX_BYTES	(64 << 10)

/**
 * struct vlab_importer_call - what is asked, and the answer
 * @version: in: VLAB_IMPORTER_VERSION
 * @op: in: VLAB_IMPORTER_*
 * @fd: in: the dma-buf; not looked at when @token is not 0
 * @token: in: a held dma-buf, in place of @fd; out: what HOLD holds
 * @error: out: 0, or the negative error code of @step
 * @step: out: the step that failed
 * @offset: in: EDU_WRITE, in the dma-buf; PEEK: guest-physical address
 * @length: in: bytes at @user
 * @user: in: address of @length bytes
 * @size: out: of the dma-buf
 * @features: out: INFO: VLAB_IMPORTER_HAS_*
 * @pending: out: 1 when a fence of the dma-buf had not signalled when its name
 *	was known
 * @nents: out: entries to be used for DMA
 * @orig_nents: out: entries of the scatterlist
 * @without_page: out: entries that name no page
 * @hidden: out: 1 when this kernel hides the pages of a table from importers
 * @dma_bytes: out: sum of the entries' DMA lengths
 * @page_bytes: out: sum of the lengths of the entries that name a page
 * @address: out: DMA address of the first entry, or of @offset
 * @address_length: out: DMA length that goes with @address
 * @contiguous: out: bytes from the begin that are contiguous for DMA, counted
 *	as videobuf2-dma-contig counts them
 * @physical: out: physical address of the first page, as vmap shows it
 * @physical_contiguous: out: bytes from the begin that lie in consecutive pages
 * @second_address: out: MAP_TWICE: of the second mapping
 * @same_table: out: MAP_TWICE: 1 when both mappings are one table
 * @walk_crc: out: CRC-32 of what the table's pages hold
 * @content_crc: out: CRC-32 of what vmap shows
 * @walked: out: bytes that went into @walk_crc
 * @mapped: out: bytes that went into @content_crc
 * @device: out: RESOURCE_ID: number of the virtio device, from 1, in the order
 *	in which this driver met them
 * @id: out: HOST_ID, RESOURCE_ID
 * @uuid: out: UUID
 * @second_uuid: out: UUID, asked again
 * @exporter: out: the exporter's name
 */
struct vlab_importer_call {
	__u32 version;
	__u32 op;
	__s32 fd;
	__u32 token;
	__s32 error;
	__u32 step;
	__u64 offset;
	__u64 length;
	__u64 user;
	__u64 size;
	__u32 features;
	__u32 pending;
	__u32 nents;
	__u32 orig_nents;
	__u32 without_page;
	__u32 hidden;
	__u64 dma_bytes;
	__u64 page_bytes;
	__u64 address;
	__u64 address_length;
	__u64 contiguous;
	__u64 physical;
	__u64 physical_contiguous;
	__u64 second_address;
	__u32 same_table;
	__u32 walk_crc;
	__u64 walked;
	__u64 mapped;
	__u32 content_crc;
	__u32 device;
	__u64 id;
	__u8 uuid[16];
	__u8 second_uuid[16];
	char exporter[32];
};

#define VLAB_IMPORTER_CALL	_IOWR('V', 0xf0, struct vlab_importer_call)

#endif /* _UAPI_LINUX_VLAB_IMPORTER_H */
