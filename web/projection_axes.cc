#include "web/projection_axes.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "base/str.h"

namespace spirogram::web {
namespace {

using Group = std::optional<RowSet>;

Status CheckGroup(const Group& group, int64_t rows, size_t axis, const char* side) {
  if (!group) return {};
  const std::string name = StrCat("field axes: axis ", axis + 1, ", ", side);
  if (group->empty()) return InvalidArgument(name + ": got no rows, want at least 1");
  if (group->back().last < rows) return {};
  return InvalidArgument(
      StrCat(name, ": got row ", group->back().last, ", want one of the ", rows, " rows"));
}

// Numbered without those that are left out. REQUIRES: `rows` is how many are not.
std::vector<uint32_t> RowsOf(const Group& group, int64_t rows, std::span<const int64_t> left_out) {
  if (!group) {
    std::vector<uint32_t> all(static_cast<size_t>(rows));
    std::iota(all.begin(), all.end(), uint32_t{0});
    return all;
  }
  std::vector<uint32_t> wanted = UnfoldRows(*group);
  std::vector<uint32_t> staying;
  for (const uint32_t row : wanted) {
    const auto gone = std::lower_bound(left_out.begin(), left_out.end(), int64_t{row});
    if (gone != left_out.end() && *gone == row) continue;
    staying.push_back(row - static_cast<uint32_t>(gone - left_out.begin()));
  }
  return staying;
}

// FNV-1a of 64 bits: a checksum of 32 would mix up two of a few ten thousand sets of groups.
class Fnv {
 public:
  void Add(uint32_t value) {
    for (int byte = 0; byte < 4; ++byte) {
      hash_ = (hash_ ^ ((value >> (8 * byte)) & 0xff)) * 0x100000001b3U;
    }
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 0xcbf29ce484222325U;
};

std::string GroupKey(const Group& group, Fnv* hash) {
  if (!group) return "all";
  for (const RowRange& range : *group) {
    hash->Add(range.first);
    hash->Add(range.last);
  }
  return StrCat(CountRows(*group));
}

}  // namespace

Status CheckAxes(const ProjectionRequest& request, const store::EmbeddingInfo& info) {
  if (std::ssize(request.axes) != request.dims) {
    return InvalidArgument(StrCat("field axes: got ", request.axes.size(),
                                  ", want one for each of ", request.dims, " dims"));
  }
  if (request.start) {
    return InvalidArgument("field start: chosen axes are not turned onto another map");
  }
  for (size_t axis = 0; axis < request.axes.size(); ++axis) {
    RETURN_IF_ERROR(CheckGroup(request.axes[axis].from, info.rows, axis, "from"));
    RETURN_IF_ERROR(CheckGroup(request.axes[axis].to, info.rows, axis, "to"));
  }
  return {};
}

Result<projector::CustomAxes> ProjectAxes(const ProjectionRequest& request,
                                          const projector::MatrixView& matrix,
                                          std::span<const int64_t> left_out,
                                          const std::stop_token& stop) {
  std::vector<std::vector<uint32_t>> rows;
  for (const ProjectionAxis& axis : request.axes) {
    rows.push_back(RowsOf(axis.from, matrix.points, left_out));
    rows.push_back(RowsOf(axis.to, matrix.points, left_out));
  }
  std::vector<projector::AxisGroups> groups;
  for (size_t at = 0; at < rows.size(); at += 2) groups.push_back({rows[at], rows[at + 1]});
  return projector::ProjectOntoAxes(matrix, groups, stop);
}

std::string AxesKey(const ProjectionRequest& request) {
  std::string key;
  Fnv hash;
  for (const ProjectionAxis& axis : request.axes) {
    key += StrCat(key.empty() ? "" : ",", GroupKey(axis.from, &hash));
    hash.Add(UINT32_MAX);  // no range begins with it and ends before: where a group ends
    key += StrCat(">", GroupKey(axis.to, &hash));
    hash.Add(UINT32_MAX);
  }
  const uint64_t bits = hash.hash();
  return StrCat(key, ":", Hex32(static_cast<uint32_t>(bits >> 32)),
                Hex32(static_cast<uint32_t>(bits)));
}

}  // namespace spirogram::web
