// The script of the fake libcupti (fake_cupti.cc), a shared object that the profiler loads through
// SPIROGRAM_CUPTI_PATH. A test sets what the calls return and which records a flush delivers.
#pragma once

#include <cupti.h>

#include <cstdint>
#include <string>
#include <vector>

namespace spirogram::testing {

struct FakeCupti {
  // Set by the test.
  uint32_t version = CUPTI_API_VERSION;
  CUptiResult subscribe_result = CUPTI_SUCCESS;
  const char* holder = "";  // who holds CUPTI already
  CUptiResult register_result = CUPTI_SUCCESS;
  CUptiResult enable_result = CUPTI_SUCCESS;
  size_t dropped_records = 0;                   // told once
  std::vector<std::string> buffers_to_deliver;  // records, in the next flush
  bool delivers_from_two_threads = false;

  // Seen by the fake.
  int subscribers = 0;
  int buffers_refused = 0;  // the pool had none
  std::vector<CUpti_ActivityKind> enabled;
  std::vector<uint64_t> pushed_ids;
  int pushes_without_pop = 0;
  int forced_flushes = 0;
  CUpti_ActivityThreadIdType thread_id_type = CUPTI_ACTIVITY_THREAD_ID_TYPE_DEFAULT;
};

}  // namespace spirogram::testing

// Exported by the shared object.
extern "C" spirogram::testing::FakeCupti* SpirogramFakeCupti();
