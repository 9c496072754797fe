// Stands in for packages that are never used here (see vlab.js).
export {};
