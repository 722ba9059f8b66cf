// Stored values as event files hold them: the way back of data_compat.h and plugin_content.h. What
// comes out reads in again as what was stored, and TensorBoard reads it in its modern form.
// Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::store {

// A tag with the metadata of its first event.
struct TagMeta {
  int64_t id = 0;
  std::string name;
  DataKind kind = DataKind::kOther;
  std::string plugin;
  std::string display_name;
  std::string description;
  std::string content;
  Step first_step = 0;
};

// One row of `records`, unpacked.
struct StoredItem {
  int64_t width = 0;
  int64_t height = 0;
  std::string content;
  std::string details;   // record_details.h; empty without
  bool is_none = false;  // stands for a value without items (kNoItem)
};

// The serialized Summary.Value of a value of `records`; `items` are its rows, of which images,
// clips and meshes may have several. kInternal for kinds that are not kept there, and for graphs,
// which an event holds beside summaries.
Result<std::string> EncodeRecordValue(const TagMeta& tag, const std::vector<StoredItem>& items);

std::string EncodeProfileValue(const TagMeta& tag, const ProfileSlices& slices, size_t from,
                               size_t count);
std::string EncodeNoteValue(const TagMeta& tag, const ProfileNote& note);

// What the hyperparameters of a run say now, under a tag whose first event was of the kind that
// `tag.content` holds: a session's start with `hparams`, its end with `run_end` (left as it was
// where no session end says so), or an experiment.
std::string EncodeHparamsValue(const TagMeta& tag, const Hparams& hparams, RunEnd run_end);

}  // namespace spirogram::store
