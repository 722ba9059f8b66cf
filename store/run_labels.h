// What users say about a run: a name to show, a note, tags, a colour, and whether it is pinned,
// archived or deleted. Kept apart from what the event files say, so that reading them again, or a
// run whose files return, changes nothing of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace spirogram::store {

inline constexpr size_t kRunNameBytesMax = 256;
inline constexpr size_t kRunNoteBytesMax = size_t{64} << 10;
inline constexpr size_t kRunTagBytesMax = 64;
inline constexpr size_t kRunTagsMax = 64;
// Lists of runs carry this much of a note; a single run carries all of it.
inline constexpr size_t kRunNoteExcerptCharacters = 280;

// How far the removal of a deleted run's data is. The numbers stand in the database.
enum class PurgeState { kNone = 0, kRunning = 1, kDone = 2 };
// "none", "running", "done"
const char* PurgeStateName(PurgeState state);

struct RunLabels {
  std::string name;               // to be shown in place of the path; empty: the path is shown
  std::string note;               // plain text; an excerpt in lists
  size_t note_bytes = 0;          // of the whole note
  std::vector<std::string> tags;  // sorted, each once
  std::string colour;             // "#rrggbb"; empty: the page chooses
  bool is_archived = false;
  bool is_pinned = false;
  std::optional<WallTime> deleted_time = std::nullopt;
  PurgeState purge = PurgeState::kNone;
  int64_t revision = 0;  // grows with every change
};

// A change of labels; what is absent stays as it is.
struct RunEdit {
  std::optional<std::string> name = std::nullopt;
  std::optional<std::string> note = std::nullopt;
  std::optional<std::vector<std::string>> tags = std::nullopt;  // replaces them
  std::vector<std::string> add_tags = {};                       // then these come
  std::vector<std::string> remove_tags = {};                    // and these go
  std::optional<std::string> colour = std::nullopt;
  std::optional<bool> is_archived = std::nullopt;
  std::optional<bool> is_pinned = std::nullopt;
};

// Applies `edit`: trims and sorts. kInvalidArgument names the field and the bound that it breaks:
// text that is not UTF-8, control and direction characters outside notes, what is too long or too
// many. True when something changed.
Result<bool> ApplyEdit(const RunEdit& edit, RunLabels* labels);

}  // namespace spirogram::store
