/* The logger for programs in C, and in any language that calls C: logger/logger.h, function by
 * function, in libspirogram_logger.so. Plain C99.
 *
 *   spirogram_logger_options options = {.size = sizeof options, .run_dir = "runs/first"};
 *   spirogram_logger* logger = spirogram_logger_open(&options);
 *   for (int64_t step = 0; step < steps; ++step) {
 *     spirogram_logger_scalar(logger, "loss/train", step, loss);
 *   }
 *   spirogram_logger_end(logger, SPIROGRAM_END_SUCCESS);
 *   spirogram_logger_close(logger);
 *
 * What logger.h promises holds here too: a call copies its values and returns, does no I/O, and
 * never ends its host; a call that makes no sense (a pointer that is NULL, an empty tag, a matrix
 * of the wrong size) is dropped and counted, and the first one is told on stderr. Texts are UTF-8
 * that ends with 0. Every function may be called with a logger that is NULL, and does nothing then.
 * Thread-safe, but for spirogram_logger_close, which is to be the last call.
 *
 * The binary interface only grows: structs that may get further members begin with their size.
 */
#ifndef SPIROGRAM_LOGGER_LOGGER_C_H_
#define SPIROGRAM_LOGGER_LOGGER_C_H_

#include <stddef.h>
#include <stdint.h>

/* C's way, and C's names. NOLINTBEGIN(modernize-*,readability-identifier-naming) */

#define SPIROGRAM_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef struct spirogram_logger spirogram_logger;

/* 0 and NULL are the defaults, which logger.h names. */
typedef struct spirogram_logger_options {
  size_t size; /* sizeof(spirogram_logger_options) */
  const char* run_dir;
  const char* url;
  const char* run;
  const char* spool_dir;
  uint64_t spool_bytes_max;
  int32_t close_timeout_ms; /* below 0: close does not wait for the server */
  int32_t flush_interval_ms;
  size_t queue_items_max;
  size_t queue_bytes_max;
  int32_t system_interval_ms;
} spirogram_logger_options;

typedef struct spirogram_logger_counters {
  size_t size;     /* sizeof(spirogram_logger_counters), set by the caller */
  uint64_t logged; /* accepted calls */
  uint64_t dropped;
  uint64_t written_bytes;
} spirogram_logger_counters;

/* Of N rows; cells[column * N + row]. A cell that is NULL is empty. */
typedef struct spirogram_metadata {
  size_t column_count;
  const char* const* columns;
  const char* const* cells;
} spirogram_metadata;

enum { SPIROGRAM_ENTITY_UNIT = 0, SPIROGRAM_ENTITY_ROW = 1 };

/* EntityStats of logger.h; values[column * entity_count + entity]. */
typedef struct spirogram_entity_stats {
  size_t size; /* sizeof(spirogram_entity_stats) */
  int32_t entity;
  int64_t first_step;
  double samples;
  size_t column_count;
  const char* const* columns;
  size_t entity_count;
  const float* values;
  size_t attribute_count;
  const char* const* attribute_names;
  const char* const* attribute_values;
} spirogram_entity_stats;

enum { SPIROGRAM_HPARAM_NUMBER = 0, SPIROGRAM_HPARAM_TEXT = 1, SPIROGRAM_HPARAM_BOOL = 2 };

typedef struct spirogram_hparam {
  const char* name;
  int32_t type;
  double number; /* of a bool: 0 is false */
  const char* text;
} spirogram_hparam;

enum {
  SPIROGRAM_SLICE_PHASE = 0,
  SPIROGRAM_SLICE_KERNEL = 1,
  SPIROGRAM_SLICE_COPY = 2,
  SPIROGRAM_SLICE_MEMSET = 3,
  SPIROGRAM_SLICE_CALL = 4
};

/* ProfileSlice of logger.h. */
typedef struct spirogram_profile_slice {
  const char* name;
  int32_t kind;
  uint32_t stream;
  int64_t start_ns; /* since the epoch, CLOCK_REALTIME */
  int64_t duration_ns;
  int64_t step;
  uint32_t correlation_id;
} spirogram_profile_slice;

enum { SPIROGRAM_END_SUCCESS = 0, SPIROGRAM_END_FAILURE = 1, SPIROGRAM_END_INTERRUPTED = 2 };

/* NULL where options make no sense (NULL, or a size of 0), which is told on stderr, or there is no
 * memory. A folder that cannot be written is told once, and all is dropped then. */
SPIROGRAM_API spirogram_logger* spirogram_logger_open(const spirogram_logger_options* options);

/* Writes what is queued and closes the file; waits for the disk, and with a url up to
 * close_timeout_ms for the server. */
SPIROGRAM_API void spirogram_logger_close(spirogram_logger* logger);

SPIROGRAM_API void spirogram_logger_scalar(spirogram_logger* logger, const char* tag, int64_t step,
                                           double value);
SPIROGRAM_API void spirogram_logger_histogram(spirogram_logger* logger, const char* tag,
                                              int64_t step, const float* values, size_t count);
SPIROGRAM_API void spirogram_logger_text(spirogram_logger* logger, const char* tag, int64_t step,
                                         const char* markdown);
/* height x width x channels samples of 8 bits; channels is 1, 3 or 4. */
SPIROGRAM_API void spirogram_logger_image(spirogram_logger* logger, const char* tag, int64_t step,
                                          const uint8_t* pixels, int32_t width, int32_t height,
                                          int32_t channels);
/* values: rows x dims. metadata may be NULL, and is taken the first time that a tag is logged. */
SPIROGRAM_API void spirogram_logger_embedding(spirogram_logger* logger, const char* tag,
                                              int64_t step, const float* values, int64_t rows,
                                              int64_t dims, const spirogram_metadata* metadata);
SPIROGRAM_API void spirogram_logger_stats(spirogram_logger* logger, const char* tag, int64_t step,
                                          const spirogram_entity_stats* stats);
SPIROGRAM_API void spirogram_logger_hparams(spirogram_logger* logger,
                                            const spirogram_hparam* hparams, size_t count);
SPIROGRAM_API void spirogram_logger_profile(spirogram_logger* logger,
                                            const spirogram_profile_slice* slices, size_t count);
SPIROGRAM_API void spirogram_logger_profile_note(spirogram_logger* logger, const char* line);
/* One of SPIROGRAM_END_*. */
SPIROGRAM_API void spirogram_logger_end(spirogram_logger* logger, int32_t status);

/* Returns when everything logged before the call is in the file. */
SPIROGRAM_API void spirogram_logger_flush(spirogram_logger* logger);
SPIROGRAM_API void spirogram_logger_get_counters(spirogram_logger* logger,
                                                 spirogram_logger_counters* counters);
/* Flush, and then waits up to timeout_ms until the server has it; returns the bytes that still
 * wait. Why the last attempt failed, if it did, goes to `failure`: at most failure_size bytes with
 * the 0 that ends it; it may be NULL where failure_size is 0. */
SPIROGRAM_API uint64_t spirogram_logger_wait_for_upload(spirogram_logger* logger,
                                                        int32_t timeout_ms, char* failure,
                                                        size_t failure_size);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-*,readability-identifier-naming) */

#endif /* SPIROGRAM_LOGGER_LOGGER_C_H_ */
