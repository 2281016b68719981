// Holds alert rules against a page of metrics: promcheck RULES METRICS
//
// RULES is a file of rules as Prometheus reads them, METRICS a page that a program serves. Prometheus' own packages read
// both: each expression and each template must be valid, and each metric that a rule names must be on the page, with every
// label that the rule uses. Each fault is one line; without any, the number of selectors is printed.
package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "promcheck RULES METRICS")
		os.Exit(2)
	}
	faults, selectors := check(os.Args[1], os.Args[2])
	for _, fault := range faults {
		fmt.Println(fault)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
	fmt.Println(selectors, "selectors")
}

// The faults of both files, and how many selectors the rules have.
func check(rules, metrics string) (faults []string, selectors int) {
	page := must(os.Open(metrics))
	for _, problem := range must(promlint.New(page).Lint()) {
		faults = append(faults, fmt.Sprintf("%s: %s", problem.Metric, problem.Text))
	}
	_ = must(page.Seek(0, io.SeekStart))
	text := expfmt.NewTextParser(model.LegacyValidation)
	families := must(text.TextToMetricFamilies(page))

	read := parser.NewParser(parser.Options{})
	groups, errs := rulefmt.ParseFile(rules, false, model.LegacyValidation, read, slog.New(slog.DiscardHandler))
	for _, err := range errs {
		faults = append(faults, err.Error())
	}
	if groups == nil {
		return faults, 0
	}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			expression, err := read.ParseExpr(rule.Expr)
			if err != nil {
				continue // it is among the faults of the file
			}
			parser.Inspect(expression, func(node parser.Node, path []parser.Node) error {
				selector, is := node.(*parser.VectorSelector)
				if !is {
					return nil
				}
				selectors++
				for _, missing := range lacks(families[selector.Name], selector, path) {
					faults = append(faults, fmt.Sprintf("%s: %s has no %s", rule.Alert, selector.Name, missing))
				}
				return nil
			})
		}
	}
	return faults, selectors
}

// What a family of metrics has not, of what a selector and the aggregations around it use.
func lacks(family *dto.MetricFamily, selector *parser.VectorSelector, path []parser.Node) (missing []string) {
	if family == nil || len(family.Metric) == 0 {
		return []string{"line on the page"}
	}
	var used []string
	for _, matcher := range selector.LabelMatchers {
		if matcher.Name != labels.MetricName {
			used = append(used, matcher.Name)
		}
	}
	for _, around := range path {
		if aggregation, is := around.(*parser.AggregateExpr); is {
			used = append(used, aggregation.Grouping...)
		}
	}
	for _, name := range used {
		has := func(pair *dto.LabelPair) bool { return pair.GetName() == name }
		for _, metric := range family.Metric {
			if !slices.ContainsFunc(metric.Label, has) {
				missing = append(missing, "label "+name)
				break
			}
		}
	}
	return missing
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
