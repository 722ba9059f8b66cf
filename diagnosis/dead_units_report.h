// The words of the rule "dead_units". Pure: measurements in, a finding out.
#pragma once

#include <string>

#include "diagnosis/context.h"
#include "diagnosis/dead_units.h"

namespace spirogram::diagnosis {

// What a report is made from. All references outlive the call.
struct UnitReport {
  const std::string& layer;
  const UnitTally& tally;
  const History& dead_share;
  const History& silent_share;
  const Context& context;
};

// "dead" or "dormant"
std::string_view UnitFaultName(UnitFault fault);

// A layer that lost units, or is blocked altogether.
store::Finding ReportDying(const UnitReport& report, const Incident& incident,
                           store::Severity severity);

// Units that never worked and whose number does not grow: a fact, not an alarm.
store::Finding ReportBornDead(const UnitReport& report, Step first_step, Step baseline_step);

}  // namespace spirogram::diagnosis
