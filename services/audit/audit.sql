-- The questions that auditors ask first, over the tables of an audit export. For DuckDB, in the folder of the export:
--     duckdb -init audit.sql
-- Each question is a view; `FROM over_six_months;` answers it. Where it says "must be empty", a row is a finding.

CREATE VIEW facts AS FROM 'tables/facts.parquet';
CREATE VIEW people AS FROM 'tables/people.parquet';
CREATE VIEW episodes AS FROM 'tables/episodes.parquet';
CREATE VIEW charges AS FROM 'tables/charges.parquet';
CREATE VIEW contacts AS FROM 'tables/contacts.parquet';
CREATE VIEW reviews AS FROM 'tables/reviews.parquet';
CREATE VIEW accountable AS FROM 'tables/accountable.parquet';
CREATE VIEW handovers AS FROM 'tables/handovers.parquet';
CREATE VIEW offers AS FROM 'tables/offers.parquet';
CREATE VIEW contracts AS FROM 'tables/contracts.parquet';
CREATE VIEW takings AS FROM 'tables/takings.parquet';
CREATE VIEW waves AS FROM 'tables/waves.parquet';
CREATE VIEW refusals AS FROM 'tables/refusals.parquet';

-- Question: who went on beyond the first 6 weeks without any review, or had the first one later?
CREATE VIEW over_six_weeks_without_review AS
WITH first_reviews AS (SELECT person, episode, min(held_on) AS first_review FROM reviews GROUP BY person, episode)
SELECT person, episode, holder, free_until, counted_to, first_review,
    coalesce(first_review, counted_to) - free_until AS days_over, ended_on IS NULL AS open
FROM charges JOIN episodes USING (person, episode) LEFT JOIN first_reviews USING (person, episode)
WHERE counted_to > free_until AND NOT entered_in_error
    AND (first_review IS NULL OR first_review > greatest(free_until, started_on))
ORDER BY days_over DESC, person, episode;

-- Question: who was kept beyond the last permitted day, 6 months after the first?
CREATE VIEW over_six_months AS
SELECT person, episode, holder, cap_on, counted_to, counted_to - cap_on AS days_over, ended_on IS NULL AS open
FROM charges JOIN episodes USING (person, episode)
WHERE counted_to > cap_on AND NOT entered_in_error
ORDER BY days_over DESC, person, episode;

-- Question: who was charged in the first 42 days though enablement went on, or no review had agreed more? Must be empty.
CREATE VIEW charged_in_first_42_days AS
SELECT person, episode, day_1, free_until, completed_on, chargeable_from, policy
FROM charges
WHERE chargeable_from <= free_until AND (
    completed_on IS NULL OR chargeable_from <= completed_on
    OR NOT EXISTS (
        FROM reviews
        WHERE reviews.person = charges.person AND reviews.episode = charges.episode
            AND outcome IN ('FURTHER_SUPPORT', 'LONG_TERM_SUPPORT') AND held_on <= chargeable_from
    )
)
ORDER BY person, episode;

-- Question: who was charged in the first 42 days because enablement was completed earlier and a review agreed more?
CREATE VIEW charged_after_early_completion AS
SELECT person, episode, day_1, completed_on, agreed_on, chargeable_from, free_until, policy
FROM charges
WHERE chargeable_from <= free_until AND chargeable_from > completed_on
    AND EXISTS (
        FROM reviews
        WHERE reviews.person = charges.person AND reviews.episode = charges.episode
            AND outcome IN ('FURTHER_SUPPORT', 'LONG_TERM_SUPPORT') AND held_on <= chargeable_from
    )
ORDER BY person, episode;

-- Question: how many days did people wait from the request to the start, by provider?
CREATE VIEW waiting_by_provider AS
SELECT provider, count(*) AS handovers, count(days) AS started,
    median(days) AS median_days, round(quantile_cont(days, 0.9), 1) AS p90_days, max(days) AS longest_days
FROM (SELECT provider, started_on - requested_on AS days FROM handovers WHERE cause <> 'RECONTRACTED')
WHERE provider IS NOT NULL
GROUP BY provider
ORDER BY provider;

-- Question: on which days had a line of support two accountable organisations, or none? Must be empty.
CREATE VIEW two_or_no_accountable AS
WITH followed AS (
    SELECT *, max(coalesce(to_on, DATE '9999-12-31')) OVER past AS covered_to
    FROM accountable
    WINDOW past AS (
        PARTITION BY person, line ORDER BY from_on, to_on NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)
SELECT person, line, 'TWO' AS found, one.organisation, other.organisation AS other_organisation,
    greatest(one.from_on, other.from_on) AS from_on, least(one.to_on, other.to_on) AS to_on
FROM accountable one JOIN accountable other USING (person, line)
WHERE one.organisation < other.organisation
    AND one.from_on <= coalesce(other.to_on, DATE '9999-12-31')
    AND other.from_on <= coalesce(one.to_on, DATE '9999-12-31')
UNION ALL
SELECT person, line, 'NONE', NULL, organisation, covered_to + 1, from_on - 1
FROM followed
WHERE from_on > covered_to + 1
ORDER BY person, line, from_on;

-- Question: for whom were two organisations accountable at once, each for another line of support? That is lawful.
CREATE VIEW two_organisations AS
SELECT one.person, one.line, one.organisation, other.line AS other_line, other.organisation AS other_organisation,
    greatest(one.from_on, other.from_on) AS from_on, least(one.to_on, other.to_on) AS to_on
FROM accountable one JOIN accountable other USING (person)
WHERE one.line <> other.line AND one.organisation < other.organisation
    AND one.from_on <= coalesce(other.to_on, DATE '9999-12-31')
    AND other.from_on <= coalesce(one.to_on, DATE '9999-12-31')
ORDER BY ALL;

-- Question: which offers were made to a provider while it was suspended? Must be empty.
CREATE VIEW offers_after_suspension AS
SELECT provider, offer, handover, offered_on, answer
FROM offers
WHERE provider_suspended
ORDER BY provider, offered_on, offer;

-- Question: when were more minutes of a contract taken than were declared for that day? Must be empty.
CREATE VIEW capacity_exceeded AS
SELECT provider, contract, handover, taken_on, minutes, taken, capacity, taken - capacity AS minutes_over
FROM takings
WHERE taken > coalesce(capacity, 0)
ORDER BY provider, contract, taken_on, handover;

-- Question: why were events refused, by code?
CREATE VIEW refusals_by_code AS
SELECT code, count(*) AS refusals, count(DISTINCT type) AS types, min(refused_on) AS first_on, max(refused_on) AS last_on
FROM refusals
GROUP BY code
ORDER BY refusals DESC, code;
