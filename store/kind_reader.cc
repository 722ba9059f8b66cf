#include "store/kind_reader.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "store/plot_value.h"
#include "store/record_details.h"
#include "store/records.h"
#include "store/sqlite/statement.h"
#include "store/tensor.h"
#include "store/value_codec.h"

namespace spirogram::store {
namespace {

bool IsEarlier(const RecordRef& a, const RecordRef& b) {
  return a.step < b.step || (a.step == b.step && a.item < b.item);
}

}  // namespace

Result<std::vector<AudioClip>> SelectAudio(Database& database, RunId run, const std::string& tag,
                                           Step from) {
  ASSIGN_OR_RETURN(auto records, SelectRecords(database, run, tag, DataKind::kAudio, from));
  std::stable_sort(records.begin(), records.end(), IsEarlier);
  const std::vector<int> repeats = RepeatsOf(records);
  std::vector<AudioClip> clips;
  for (const RecordRef& record : records) {
    AudioClip clip;
    ASSIGN_OR_RETURN(const std::string details, SelectDetails(database, record));
    RETURN_IF_ERROR(DecodeAudioDetails(details, &clip));
    clip.step = record.step;
    clip.wall_time = record.wall_time;
    clip.index = record.item;
    clip.repeat = repeats[clips.size()];
    clip.bytes = record.bytes;
    clips.push_back(std::move(clip));
  }
  return clips;
}

Result<std::string> SelectAudioBytes(Database& database, RunId run, const std::string& tag,
                                     Step step, int index, int repeat) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kAudio));
  const RecordRef* record = FindRecord(records, step, index, repeat);
  if (record == nullptr) {
    return NoRecord(run, tag, StrCat("clip ", index), step, repeat);
  }
  return SelectContent(database, *record);
}

Result<std::vector<PrCurve>> SelectPrCurves(Database& database, RunId run, const std::string& tag,
                                            Step from, Step to) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kPrCurve, from));
  std::vector<PrCurve> curves;
  for (const RecordRef& record : records) {
    if (record.step > to) break;
    ASSIGN_OR_RETURN(const std::string content, SelectContent(database, record));
    ASSIGN_OR_RETURN(PrCurve curve, DecodePrCurve(content));
    curve.step = record.step;
    curve.wall_time = record.wall_time;
    curves.push_back(std::move(curve));
  }
  return curves;
}

Result<CustomScalarLayout> SelectCustomScalarLayout(Database& database, RunId run) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, "custom_scalars__config__",
                                                     DataKind::kCustomScalars));
  if (records.empty()) return NotFound(StrCat("run ", run, " has no layout"));
  ASSIGN_OR_RETURN(const std::string content, SelectContent(database, records.back()));
  return ParseLayout(content);
}

Result<std::vector<TensorInfo>> SelectTensors(Database& database, RunId run, const std::string& tag,
                                              Step from) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kOther, from));
  const std::vector<int> repeats = RepeatsOf(records);
  std::vector<TensorInfo> tensors;
  for (const RecordRef& record : records) {
    TensorInfo info;
    ASSIGN_OR_RETURN(const std::string details, SelectDetails(database, record));
    // Values that version 1 of the schema kept have no details; they may be no tensors at all.
    if (!details.empty()) RETURN_IF_ERROR(DecodeTensorDetails(details, &info));
    info.step = record.step;
    info.wall_time = record.wall_time;
    info.bytes = record.bytes;
    info.repeat = repeats[tensors.size()];
    tensors.push_back(std::move(info));
  }
  return tensors;
}

Result<TensorValue> SelectTensor(Database& database, RunId run, const std::string& tag, Step step,
                                 int repeat) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kOther));
  const RecordRef* record = FindRecord(records, step, 0, repeat);
  if (record == nullptr) return NoRecord(run, tag, "tensor", step, repeat);
  ASSIGN_OR_RETURN(const std::string content, SelectContent(database, *record));
  Result<TensorValue> value = ParseTensorValue(content);
  // It was logged so: the store is whole.
  if (!value.ok()) return InvalidArgument(std::move(value).error().message);
  value->info.step = record->step;
  value->info.wall_time = record->wall_time;
  value->info.bytes = record->bytes;
  return value;
}

}  // namespace spirogram::store
