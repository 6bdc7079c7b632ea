/** Numbers as people read them, for tables and pages. */

/** 12500 is '12,500'. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** With three significant digits: '31.9', '0.00412'; whole numbers beyond. */
export function formatNumber(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return formatCount(value);
  if (Math.abs(value) < 1e-4) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}

/** Rates below each other in a column: '31.9', '4.27'. */
export function formatRate(hz: number): string {
  return hz !== 0 && hz < 10 ? hz.toFixed(2) : hz.toFixed(1);
}

/** Decimal multiples: '1.5 kB', '398 MB'. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** Wall time: '0.412 s', '12.5 s', '3 min 20 s', '2 h 5 min'. */
export function formatSeconds(seconds: number): string {
  if (seconds < 99.5) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

/** Whole nanoseconds in milliseconds, exactly: 46100000 is '46.1'. */
export function formatMs(ns: number): string {
  const whole = Math.floor(ns / 1e6);
  const rest = ns % 1e6;
  return rest === 0 ? `${whole}` : `${whole}.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
}
