-- How many commands a workspace had on each day (UTC). An event begins a command if the previous event of its workspace
-- has another request id.
CREATE TABLE read.audit_day (
  workspace text COLLATE "C" NOT NULL,
  day       date             NOT NULL,
  commands  bigint           NOT NULL,
  PRIMARY KEY (workspace, day)
);
INSERT INTO read.audit_day (workspace, day, commands)
SELECT workspace, (time AT TIME ZONE 'UTC')::date, count(*)
FROM (
  SELECT workspace, time,
    request_id IS DISTINCT FROM lag(request_id) OVER (PARTITION BY workspace ORDER BY position) AS begins
  FROM log.event
  WHERE position <= (SELECT position FROM read.projection WHERE name = 'audit')
) AS event
WHERE begins
GROUP BY 1, 2;

-- A rebuild that was killed begins anew.
DROP TABLE IF EXISTS read.audit_rebuilt;
DELETE FROM read.projection WHERE name = 'audit rebuilt';
