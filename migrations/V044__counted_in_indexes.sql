-- How many are on each version of a protocol is counted in an index alone: lists of protocols are looked at all day.
CREATE INDEX enrolment_counted ON enrolment (state, protocol, protocol_version_id);

-- So are those who do not answer: whom the open tasks of a kind are about.
CREATE INDEX task_open_patient ON task (kind, patient_id) WHERE state = 'open';
