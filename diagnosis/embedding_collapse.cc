#include "diagnosis/embedding_collapse.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using projector::EmbeddingFault;
using projector::EmbeddingStatistics;
using projector::kCollapseSpreadMax;
using projector::kRankShareMin;
using projector::kSilhouetteMin;
using projector::kTightnessMax;
using store::Check;
using store::Finding;
using store::Severity;

std::optional<EmbeddingFault> FaultOf(Step step, const EmbeddingStatistics& statistics) {
  // Before the first step a table may still be what it was made of.
  if (step == 0 && statistics.spectrum.participation_ratio == 0) return std::nullopt;
  for (const projector::EmbeddingFinding& finding :
       projector::FindEmbeddingFaults(statistics, {}, {})) {
    if (finding.fault == EmbeddingFault::kCompleteCollapse ||
        finding.fault == EmbeddingFault::kTightClusters ||
        finding.fault == EmbeddingFault::kDimensionalCollapse) {
      return finding.fault;
    }
  }
  return std::nullopt;
}

// "tight clusters"
std::string NameOf(EmbeddingFault fault) {
  std::string name = projector::EmbeddingFaultName(fault);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

void DescribeCollapse(const std::string& name, const EmbeddingStatistics& last, Finding* finding) {
  finding->severity = Severity::kCritical;
  finding->value = last.directions.spread_ratio;
  finding->threshold = kCollapseSpreadMax;
  finding->title = StrCat("The rows of ", name, " have collapsed to nearly one");
  finding->summary = StrCat("The rows differ by ", Percent(last.directions.spread_ratio),
                            " of the length of their mean, and two of them have a cosine of ",
                            Number(last.directions.mean_cosine), " on average. The alarm is at ",
                            Percent(kCollapseSpreadMax));
  finding->cause =
      "Whatever goes in, the model sees the same vector. A loss without negatives or a variance "
      "term, a learning rate far too high, or weight decay on rows that get no gradient bring that "
      "about.";
  finding->advice =
      "Go back to the checkpoint before, with a lower learning rate. In contrastive training add "
      "negatives, a variance term, or a predictor behind a stopped gradient.";
}

void DescribeClusters(const std::string& name, const EmbeddingStatistics& last, bool is_table,
                      Finding* finding) {
  finding->severity = is_table ? Severity::kWarning : Severity::kInfo;
  finding->value = last.tightness;
  finding->threshold = kTightnessMax;
  finding->title =
      StrCat("The rows of ", name, " form ", last.clusters.clusters, " tight clusters");
  finding->summary =
      StrCat("The nearest row lies at ", Percent(last.tightness),
             " of the distance of a random one, and ", Percent(last.clusters.within_share),
             " of the variance is left inside the clusters. The alarm is at ",
             Percent(kTightnessMax), " and a silhouette above ", Number(kSilhouetteMin), "; it is ",
             Number(last.clusters.silhouette));
  finding->cause =
      is_table ? "Inside a cluster the model can tell nothing apart: it gives many ids one answer. "
                 "Ids that are rarely seen, a learning rate too high for the table, or a loss that "
                 "only needs the group bring that about."
               : "What lumps may be the classes that the layer was trained to tell apart, and then "
                 "this is as it should be.";
  finding->advice =
      "The projector's statistics name the column of the metadata that explains the clusters. For "
      "a table try a lower learning rate, negatives from the same group, and more data on rare "
      "ids.";
}

void DescribeDirections(const std::string& name, const EmbeddingStatistics& last,
                        Finding* finding) {
  finding->severity = Severity::kInfo;
  finding->value = last.spectrum.rankme_centred / static_cast<double>(last.dims);
  finding->threshold = kRankShareMin;
  finding->title = StrCat("Of ", Thousands(last.dims), " dims of ", name, " about ",
                          projector::DimsUsed(last), " are used");
  finding->summary =
      StrCat("The rows spread over ", Number(last.spectrum.rankme_centred),
             " directions (RankMe); the largest has ", Percent(last.spectrum.largest_share),
             " of the variance, and neighbourhoods have ", Number(last.two_nn), " dims (TwoNN)");
  finding->cause =
      "There may be no more to tell, or a bottleneck, weak negatives or strong regularisation keep "
      "the rest of the dims from learning.";
  finding->advice =
      "Compare with an earlier checkpoint in the projector. A smaller embedding would do as well, "
      "or the loss should ask for more.";
}

}  // namespace

void EmbeddingCollapse::Add(const std::string& tag, Step step,
                            const EmbeddingStatistics& statistics) {
  Track& track = tracks_[tag];
  const std::optional<EmbeddingFault> fault = FaultOf(step, statistics);
  if (fault != track.fault) track.onset = step;
  track.fault = fault;
  track.step = step;
  ++track.checkpoints;
  track.last = statistics;
  track.spread.Add(step, statistics.directions.spread_ratio);
  track.tightness.Add(step, statistics.tightness);
  track.rank.Add(step, statistics.spectrum.rankme_centred);
  track.skipped.clear();
}

void EmbeddingCollapse::Skip(const std::string& tag, std::string reason) {
  tracks_[tag].skipped = std::move(reason);
}

Finding EmbeddingCollapse::Report(const std::string& tag, const Track& track) {
  const std::string name = Excerpt(tag);
  Finding finding;
  finding.rule = "embedding_collapse";
  finding.entity = ToValidUtf8(tag);
  finding.onset_step = track.onset;
  finding.detected_step = track.onset;
  if (track.fault == EmbeddingFault::kCompleteCollapse) {
    DescribeCollapse(name, track.last, &finding);
    finding.evidence.push_back(
        track.spread.ToEvidence("spread of the rows", "share of the mean's length", false));
    finding.evidence[0].has_threshold = true;
    finding.evidence[0].threshold = kCollapseSpreadMax;
  } else if (track.fault == EmbeddingFault::kTightClusters) {
    DescribeClusters(name, track.last, IsOfTable(tag), &finding);
    finding.evidence.push_back(
        track.tightness.ToEvidence("nearest distance / random distance", "ratio", false));
    finding.evidence[0].has_threshold = true;
    finding.evidence[0].threshold = kTightnessMax;
  } else {
    DescribeDirections(name, track.last, &finding);
    finding.evidence.push_back(track.rank.ToEvidence("RankMe", "directions", false));
  }
  finding.summary += StrCat(". Looked at: ", Counted(track.last.points, "row"), " of ",
                            Thousands(track.last.dims), " dims at step ", Thousands(track.step),
                            "; ", Counted(track.checkpoints, "checkpoint"), " so far.");
  return finding;
}

Check EmbeddingCollapse::CheckOf(const std::string& tag, const Track& track) {
  Check check{"embedding_collapse", ToValidUtf8(tag), Check::State::kOk, ""};
  if (!track.skipped.empty()) {
    check.state = Check::State::kNotChecked;
    check.reason = track.skipped;
  } else if (track.fault) {
    check.state = Check::State::kFired;
    check.reason = StrCat(NameOf(*track.fault), " since step ", Thousands(track.onset));
  } else {
    check.reason = StrCat("the rows use ", Number(track.last.spectrum.rankme_centred), " of ",
                          Thousands(track.last.dims), " directions");
  }
  return check;
}

void EmbeddingCollapse::Conclude(store::Diagnosis* diagnosis) const {
  for (const auto& [tag, track] : tracks_) {
    if (track.skipped.empty() && track.fault) diagnosis->findings.push_back(Report(tag, track));
    diagnosis->checks.push_back(CheckOf(tag, track));
  }
}

}  // namespace spirogram::diagnosis
