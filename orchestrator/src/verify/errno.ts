// The errors of Linux by their names, as a reviewer knows them. Pure.

const NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM', 2: 'ENOENT', 5: 'EIO', 6: 'ENXIO', 9: 'EBADF', 11: 'EAGAIN', 12: 'ENOMEM', 13: 'EACCES', 14: 'EFAULT', 16: 'EBUSY', 19: 'ENODEV', 22: 'EINVAL', 25: 'ENOTTY',
  34: 'ERANGE', 38: 'ENOSYS', 95: 'EOPNOTSUPP', 110: 'ETIMEDOUT',
};

/** Of an error code of either sign. */
export function errnoName(code: number): string {
  const positive = Math.abs(code);
  return positive === 0 ? 'no error' : (NAMES[positive] ?? `error ${String(positive)}`);
}
