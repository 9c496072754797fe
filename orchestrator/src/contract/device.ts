// The devices that a guest may have for its GPU.
import * as z from 'zod';

/**
 * How the guest sees the GPU. `virgl`: virtio-gpu-gl-pci with Virgil3D; `virgl-blob`: the same with blob resources and a window for host
 * memory; `venus`: and Vulkan; `2d`: virtio-gpu-pci; `2d-blob`: with blob resources, which wants /dev/udmabuf on the host. `-iommu`: behind a
 * virtual IOMMU that translates. `virgl-two-gpus`: a second virtio-gpu, without Virgil3D, and a driver that numbers the resources of each from 1.
 */
export const Device = z.enum(['virgl', 'virgl-blob', 'venus', '2d', '2d-blob', 'virgl-iommu', 'virgl-blob-iommu', '2d-iommu', 'virgl-two-gpus']);
export type Device = z.infer<typeof Device>;
