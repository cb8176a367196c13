/** Reads from objects of packages without running any code: own data properties only. */
import { types } from 'node:util';

/** The value of an own data property; undefined for anything else, also for proxies. */
export function field(object: unknown, key: PropertyKey): unknown {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null || types.isProxy(object)) {
    return undefined;
  }
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** The value when it is an object. */
export function objectField(object: unknown, key: string | number): object | undefined {
  const value = field(object, key);
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** The value when it is a number. */
export function numberField(object: unknown, key: string): number | undefined {
  const value = field(object, key);
  return typeof value === 'number' ? value : undefined;
}

/** The value when it is text. */
export function textField(object: unknown, key: string): string | undefined {
  const value = field(object, key);
  return typeof value === 'string' ? value : undefined;
}

/** Length of an array that the object has. */
export function lengthOf(object: unknown, key: string): number | undefined {
  const value = field(object, key);
  return Array.isArray(value) && !types.isProxy(value) ? value.length : undefined;
}

const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size')?.get;

/** The size of a map or set. */
export function sizeOf(value: unknown): number | undefined {
  const get = types.isMap(value) ? mapSize : types.isSet(value) ? setSize : undefined;
  return get === undefined ? undefined : (Reflect.apply(get, value, []) as number);
}

const mapKeys = Map.prototype.keys;

/** The names of an object's properties, or the keys of a map that are text. */
export function textKeys(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return [];
  if (!types.isMap(value)) return Object.keys(value);
  return [...mapKeys.call(value)].filter((key) => typeof key === 'string');
}

/** The last element of an array that the object has. */
export function lastOf(object: unknown, key: string): object | undefined {
  const value = field(object, key);
  return Array.isArray(value) ? objectField(value, value.length - 1) : undefined;
}

/** Whether all of these are methods of the prototype: else the package has another shape than the one known here. */
export function hasMethods(prototype: unknown, ...names: string[]): prototype is object {
  return names.every((name) => typeof field(prototype, name) === 'function');
}

/** The prototype of a class. */
export function prototypeOf(type: unknown): object | undefined {
  return typeof type === 'function' ? objectField(type, 'prototype') : undefined;
}

/** A reader of a getter of the package, as it is now: these only count. */
export function getter(prototype: object, name: string): (object: object) => number | undefined {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  return (object) => {
    const value: unknown = get === undefined ? undefined : Reflect.apply(get, object, []);
    return typeof value === 'number' ? value : undefined;
  };
}
