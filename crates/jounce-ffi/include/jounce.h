/* The C ABI of Jounce. Made by cbindgen from crates/jounce-ffi/src/capi.rs: do not edit. */

#ifndef JOUNCE_H
#define JOUNCE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/**
 * Version of the structures below.
 */
#define JOUNCE_ABI_VERSION 1

/**
 * How many values a sample has room for.
 */
#define JOUNCE_VALUES 7

/**
 * How many sensors [`JounceNeeds`] tells of.
 */
#define JOUNCE_SENSORS 8

/**
 * How a call ended. A number once given is never given again.
 */
enum JounceStatus
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Done.
   */
  JOUNCE_STATUS_OK = 0,
  /**
   * A null pointer, or a value that cannot be meant.
   */
  JOUNCE_STATUS_INVALID_ARGUMENT = 1,
  /**
   * No such session: never opened, or freed.
   */
  JOUNCE_STATUS_INVALID_SESSION = 2,
  /**
   * A panic was contained in this session: reset or restore it.
   */
  JOUNCE_STATUS_FAULTED = 3,
  /**
   * A panic was contained just now: the session is faulted.
   */
  JOUNCE_STATUS_INTERNAL = 4,
  /**
   * The settings are not valid.
   */
  JOUNCE_STATUS_INVALID_CONFIG = 5,
  /**
   * The snapshot is damaged, foreign, of another version, or of other settings.
   */
  JOUNCE_STATUS_INVALID_SNAPSHOT = 6,
  /**
   * The buffer is too small; the length needed was written.
   */
  JOUNCE_STATUS_BUFFER_TOO_SMALL = 7,
  /**
   * A structure of a size or version that is not known here.
   */
  JOUNCE_STATUS_UNKNOWN_VERSION = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum JounceStatus JounceStatus;
#else
typedef int32_t JounceStatus;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which sensor a sample is of.
 */
enum JounceSensor
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Specific force, device frame, m/s²: x, y, z.
   */
  JOUNCE_SENSOR_ACCEL = 0,
  /**
   * Angular rate, device frame, rad/s: x, y, z.
   */
  JOUNCE_SENSOR_GYRO = 1,
  /**
   * Magnetic field, device frame, µT: x, y, z.
   */
  JOUNCE_SENSOR_MAG = 2,
  /**
   * A fix: latitude, longitude (degrees), altitude (m), speed (m/s), course (degrees), horizontal accuracy (m), speed
   * accuracy (m/s). NaN is unknown.
   */
  JOUNCE_SENSOR_GNSS = 3,
  /**
   * Air pressure, hPa.
   */
  JOUNCE_SENSOR_BARO = 4,
  /**
   * What the host knows, in `code`: 0, 1 screen off, on; 2, 3 car Bluetooth off, on; 16 automotive, 17 cycling,
   * 18 walking, 19 running, 20 still, 21 unknown.
   */
  JOUNCE_SENSOR_HINT = 5,
  /**
   * The posted limit, in `code`: 0 unknown, 1 none, 2 a limit, m/s.
   */
  JOUNCE_SENSOR_LIMIT = 6,
  /**
   * What the person allows: `code` is a sensor, the value is not 0 when it may be used.
   */
  JOUNCE_SENSOR_CONSENT = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum JounceSensor JounceSensor;
#else
typedef uint8_t JounceSensor;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * One sample.
 */
typedef struct JounceSample {
  /**
   * `sizeof(JounceSample)`: also how far the next one is.
   */
  uint16_t size;
  /**
   * `JOUNCE_ABI_VERSION`.
   */
  uint16_t version;
  /**
   * A [`JounceSensor`].
   */
  uint16_t sensor;
  /**
   * Of hints, limits and consent: see [`JounceSensor`].
   */
  uint16_t code;
  /**
   * When it was measured, ns of one monotonic clock.
   */
  int64_t t_ns;
  /**
   * See [`JounceSensor`]. What is not used is not looked at.
   */
  double values[JOUNCE_VALUES];
} JounceSample;

/**
 * One event. A number that is not known is NaN, or −1. Its reasons and its quality are in its JSON line.
 */
typedef struct JounceEvent {
  /**
   * `sizeof(JounceEvent)`.
   */
  uint32_t size;
  /**
   * `JOUNCE_ABI_VERSION`.
   */
  uint32_t version;
  /**
   * 0 trip start, 1 trip end, 2 hard braking, 3 harsh acceleration, 4 harsh cornering, 5 swerve, 6 speeding, 7 crash,
   * 8 rollover, 9 phone drop, 10 phone handling, 11 phone moved, 12 place reached, 13 place left.
   */
  int32_t kind;
  /**
   * Which of its kind, from 1: with the kind, its id.
   */
  uint32_t ordinal;
  /**
   * 0 final, 1 suspected, 2 confirmed, 3 revoked.
   */
  int32_t phase;
  /**
   * 0 minor to 4 extreme.
   */
  int32_t severity;
  /**
   * 0 left, 1 right.
   */
  int32_t direction;
  /**
   * Where a blow came from, as on a clock face.
   */
  int32_t direction_clock;
  /**
   * Of a crash: 1 when its figures are lower bounds.
   */
  int32_t clipped;
  /**
   * Of a crash.
   */
  int32_t secondary_impacts;
  /**
   * Of speeding: 0 recorded, 1 fixed, 2 absolute.
   */
  int32_t limit_source;
  /**
   * Zero.
   */
  int32_t reserved;
  /**
   * When it began, ns.
   */
  int64_t start_ns;
  /**
   * When it was at its height, ns.
   */
  int64_t peak_ns;
  /**
   * When it ended, ns.
   */
  int64_t end_ns;
  /**
   * Newest sample when it was decided, ns.
   */
  int64_t decided_ns;
  /**
   * 0 to 1.
   */
  double confidence;
  /**
   * Where it began, degrees.
   */
  double lat_deg;
  /**
   * Where it began, degrees.
   */
  double lon_deg;
  /**
   * m/s.
   */
  double speed_before_mps;
  /**
   * m/s.
   */
  double speed_after_mps;
  /**
   * Standard deviation of the speeds, m/s.
   */
  double speed_sigma_mps;
  /**
   * With its sign: braking is negative, left is positive.
   */
  double peak_mps2;
  /**
   * With its sign.
   */
  double mean_mps2;
  /**
   * Of a trip, and of speeding, m.
   */
  double distance_m;
  /**
   * Of a trip, and of a crash's pulse, s.
   */
  double duration_s;
  /**
   * Of speeding, m/s.
   */
  double limit_mps;
  /**
   * Of speeding, m/s.
   */
  double mean_speed_mps;
  /**
   * Of speeding, m/s.
   */
  double max_speed_mps;
  /**
   * Of a crash, m/s.
   */
  double delta_v_mps;
  /**
   * Of a crash, g.
   */
  double peak_g;
  /**
   * Of a moved phone, rad.
   */
  double angle_rad;
} JounceEvent;

/**
 * Which sensors are wanted now.
 */
typedef struct JounceNeeds {
  /**
   * `sizeof(JounceNeeds)`.
   */
  uint32_t size;
  /**
   * 0 idle, 1 watching, 2 driving.
   */
  int32_t stage;
  /**
   * By `JounceSensor`: samples a second wanted; 0 none, it may be switched off; −1 each change.
   */
  double rate_hz[JOUNCE_SENSORS];
} JounceNeeds;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Version of the library, as text. Never null.
 */
const char *jounce_version(void);

/**
 * Version of the structures that the library was built with: compare it with `JOUNCE_ABI_VERSION`.
 */
uint16_t jounce_abi_version(void);

/**
 * What went wrong in this thread last, for a log. Never null; good until the next call that fails in this thread. It
 * holds no coordinates.
 */
const char *jounce_last_error(void);

/**
 * Opens a session. `config` is UTF-8 text of `length` bytes: JSON when it begins with a brace, else TOML, which a small
 * build of the library refuses; with length 0 the defaults hold.
 *
 * # Safety
 * `config` must point to `length` bytes, or be null when that is zero; `session` must be writable.
 */
JounceStatus jounce_open(const char *config,
                         size_t length,
                         uint64_t *session);

/**
 * Frees a session. 0 is none, and fine.
 */
JounceStatus jounce_free(uint64_t session);

/**
 * Pushes samples in the order in which they arrived. Samples that the engine refuses are counted in `refused`, which may
 * be null; a sample that is not understood stops nothing before it, and everything after it.
 *
 * # Safety
 * `samples` must point to `count` structures, each `size` bytes behind the one before, or be null when that is zero;
 * `refused` must be writable, or null.
 */
JounceStatus jounce_push_batch(uint64_t session,
                               const struct JounceSample *samples,
                               size_t count,
                               size_t *refused);

/**
 * Ends the stream: decides everything that is open. More may be pushed afterwards.
 */
JounceStatus jounce_flush(uint64_t session);

/**
 * Pulls events as lines of JSON, as many whole ones as fit; `length` gets their bytes, 0 when none waits. There is no
 * zero byte behind them. `BufferTooSmall`: not even one fits; `length` gets the bytes needed, and nothing is pulled.
 *
 * # Safety
 * `buffer` must be writable for `capacity` bytes, or null when that is zero; `length` must be writable.
 */
JounceStatus jounce_next_json(uint64_t session,
                              char *buffer,
                              size_t capacity,
                              size_t *length);

/**
 * Pulls events as structures, at most `capacity`; `count` gets how many, 0 when none waits. With `capacity` 0, which pulls
 * nothing, it gets how many wait. `event_size` is `sizeof(JounceEvent)`.
 *
 * # Safety
 * `events` must be writable for `capacity` structures of `event_size` bytes, or null when that is zero; `count` must be writable.
 */
JounceStatus jounce_next_events(uint64_t session,
                                struct JounceEvent *events,
                                size_t event_size,
                                size_t capacity,
                                size_t *count);

/**
 * Tells which sensors are wanted now. Ask after each batch. `needs_size` is `sizeof(JounceNeeds)`.
 *
 * # Safety
 * `needs` must be writable for `needs_size` bytes.
 */
JounceStatus jounce_needs(uint64_t session, struct JounceNeeds *needs, size_t needs_size);

/**
 * Writes the record of the input as JSON: what came, what was refused and why, rates, gaps.
 *
 * # Safety
 * `buffer` must be writable for `capacity` bytes, or null when that is zero; `length` must be writable.
 */
JounceStatus jounce_health_json(uint64_t session,
                                char *buffer,
                                size_t capacity,
                                size_t *length);

/**
 * Writes the whole state. Ask with `capacity` 0 for the length, or offer 256 KiB, which is enough for any phone. Events
 * that wait are not in it: pull them first.
 *
 * # Safety
 * `buffer` must be writable for `capacity` bytes, or null when that is zero; `length` must be writable.
 */
JounceStatus jounce_snapshot(uint64_t session,
                             uint8_t *buffer,
                             size_t capacity,
                             size_t *length);

/**
 * Goes on where a snapshot was taken; the session must have been opened with the same settings. It is faulted no longer.
 * When the snapshot is refused, nothing changes.
 *
 * # Safety
 * `bytes` must point to `length` bytes, or be null when that is zero.
 */
JounceStatus jounce_restore(uint64_t session,
                            const uint8_t *bytes,
                            size_t length);

/**
 * Says from `t_ns` on whether a sensor may be used; the same as pushing a sample of consent.
 */
JounceStatus jounce_set_consent(uint64_t session, int64_t t_ns, uint16_t sensor, bool allowed);

/**
 * Forgets everything pushed and every event that waits. Settings and consent stay; the session is faulted no longer.
 */
JounceStatus jounce_reset(uint64_t session);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* JOUNCE_H */
